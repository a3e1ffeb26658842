import type { IDraft } from '../draft';
import { addFiles, emptyDraft, removeFile, setField, setTitle } from '../draft';
import { FormModel } from '../form';
import type { IFix, IPreflight, IRequestDetail, ISubmission } from '../wire';

let last = 0;
const newId = () => `id-${++last}`;

function complete(): IDraft {
  let draft = setTitle(addFiles(emptyDraft(newId), ['a.csv']), 'Table 1');
  for (const field of ['population', 'variables', 'records', 'controls'] as const) {
    draft = setField(draft, draft.groups[0].id, field, '12 said');
  }
  return draft;
}

const passed = (path: string): IPreflight => ({
  path,
  kind: 'table',
  size: 1,
  verdict: 'pass',
  findings: [],
  dropped: [],
  problem: '',
  refused: false,
  trouble: '',
  mendable: false
});

const proposed = (path: string): IFix => ({
  path,
  sha256: 'digest',
  name: path.replace('.', '-safe.'),
  verdict: 'pass',
  answered: ['F01'],
  remains: [],
  steps: [],
  tables: []
});

class Server {
  sent: ISubmission[] = [];
  failing = '';
  preflight = (path: string): Promise<IPreflight> => Promise.resolve(passed(path));
  proposeFix = (path: string): Promise<IFix> => Promise.resolve(proposed(path));
  writeFix = (path: string, _: string): Promise<string> => Promise.resolve(proposed(path).name);
  submit = async (submission: ISubmission): Promise<IRequestDetail> => {
    this.sent.push(submission);
    await Promise.resolve();
    if (this.failing !== '') {
      throw new Error(this.failing);
    }
    return { id: 'r1', number: 1 } as IRequestDetail;
  };
}

class Store {
  saved: IDraft | null = null;
  removed = false;
  save = async (draft: IDraft): Promise<void> => {
    this.saved = draft;
  };
  remove = async (): Promise<void> => {
    this.removed = true;
  };
}

function form(draft: IDraft, server = new Server(), saveOpen = async () => {}) {
  const store = new Store();
  return { server, store, model: new FormModel({ draft, server, store, newId, policy: null, saveOpen }) };
}

it('sends once, however often it is asked to', async () => {
  const { model, server, store } = form(complete());
  await Promise.all([model.submit(), model.submit(), model.submit()]);
  await model.submit();
  expect(server.sent).toHaveLength(1);
  expect(model.phase).toBe('sent');
  expect(store.removed).toBe(true);
});

it('sends nothing while something is missing, and then says what', async () => {
  const { model, server } = form(setTitle(complete(), ''));
  expect(model.shownProblems).toEqual([]);
  expect((await model.submit()).map(problem => problem.code)).toEqual(['title-empty']);
  expect(model.shownProblems).toHaveLength(1);
  model.update(draft => setTitle(draft, 'Table 1'));
  expect(model.shownProblems).toEqual([]);
  expect(server.sent).toHaveLength(0);
});

describe('when sending fails', () => {
  it('keeps what was typed, and tries again as the same request', async () => {
    const { model, server, store } = form(complete());
    server.failing = 'The output checker does not answer';
    await model.submit();
    expect(model.phase).toBe('editing');
    expect(model.failure).toBe('The output checker does not answer');
    expect(model.draft.title).toBe('Table 1');
    expect(store.removed).toBe(false);
    server.failing = '';
    await model.submit();
    expect(model.phase).toBe('sent');
    expect(server.sent[1]).toEqual(server.sent[0]);
  });

  it('makes it another request once something is changed, because the first may have arrived', async () => {
    const { model, server } = form(complete());
    server.failing = 'lost';
    await model.submit();
    model.update(draft => setTitle(draft, 'Table 1, corrected'));
    server.failing = '';
    await model.submit();
    expect(server.sent[1].client_id).not.toBe(server.sent[0].client_id);
  });
});

it('sends nothing when an open document can’t be saved', async () => {
  const { model, server } = form(complete(), new Server(), () => Promise.reject(new Error('a.csv could not be saved')));
  await model.submit();
  expect(server.sent).toHaveLength(0);
  expect(model.failure).toBe('a.csv could not be saved');
});

it('ignores the answer about an older version of a file', async () => {
  const server = new Server();
  const answers: ((result: IPreflight) => void)[] = [];
  server.preflight = () => new Promise(resolve => answers.push(resolve));
  const { model } = form(addFiles(emptyDraft(newId), ['a.csv']), server);
  const again = model.checkFiles(['a.csv']);
  answers[1]({ ...passed('a.csv'), verdict: 'fail' });
  await again;
  answers[0](passed('a.csv'));
  await new Promise(resolve => setTimeout(resolve));
  expect(model.check('a.csv')?.result?.verdict).toBe('fail');
  expect(model.checking).toBe(0);
});

it('forgets the check of a file that was removed', async () => {
  const { model } = form(complete());
  await model.checkFiles(['a.csv']);
  model.update(draft => removeFile(draft, 'a.csv'));
  expect(model.check('a.csv')).toBeUndefined();
});

it('says of a file that its check failed, and lets it be sent', async () => {
  const server = new Server();
  server.preflight = () => Promise.reject(new Error('no cage'));
  const { model } = form(complete(), server);
  await model.checkFiles(['a.csv']);
  expect(model.check('a.csv')?.failure).toBe('no cage');
  await model.submit();
  expect(model.phase).toBe('sent');
});

it('keeps the last words typed when it is closed', () => {
  const { model, store } = form(complete());
  model.update(draft => setTitle(draft, 'Almost gone'));
  model.dispose();
  expect(store.saved?.title).toBe('Almost gone');
});

describe('a fix', () => {
  it('is shown first, then written, and takes the place of the file; undoing brings the file back', async () => {
    const { model, server } = form(complete());
    const written: string[] = [];
    server.writeFix = async (path, sha256) => {
      written.push(`${path} ${sha256}`);
      return 'a-safe.csv';
    };
    await model.acceptFix('a.csv');
    expect(written).toEqual([]);
    await model.proposeFix('a.csv');
    expect(model.fix('a.csv')?.result?.name).toBe('a-safe.csv');
    expect(model.draft.groups[0].paths).toEqual(['a.csv']);
    await model.acceptFix('a.csv');
    expect(written).toEqual(['a.csv digest']);
    expect(model.draft.groups[0].paths).toEqual(['a-safe.csv']);
    expect(model.madeFrom('a-safe.csv')).toBe('a.csv');
    expect(model.fix('a.csv')).toBeUndefined();
    model.undoFix('a-safe.csv');
    expect(model.draft.groups[0].paths).toEqual(['a.csv']);
  });

  it('that can not be had says why, and the file stays', async () => {
    const { model, server } = form(complete());
    server.proposeFix = () => Promise.reject(new Error('by hand'));
    await model.proposeFix('a.csv');
    expect(model.fix('a.csv')).toEqual({ running: false, result: null, failure: 'by hand' });
    model.dismissFix('a.csv');
    expect(model.fix('a.csv')).toBeUndefined();
    expect(model.draft.groups[0].paths).toEqual(['a.csv']);
  });

  it('that comes after it was dismissed is not shown', async () => {
    const { model, server } = form(complete());
    let answer: (fix: IFix) => void = () => undefined;
    server.proposeFix = () => new Promise(resolve => (answer = resolve));
    const asked = model.proposeFix('a.csv');
    model.dismissFix('a.csv');
    answer(proposed('a.csv'));
    await asked;
    expect(model.fix('a.csv')).toBeUndefined();
  });
});
