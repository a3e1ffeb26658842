import type { IDraft } from '../draft';
import {
  addCorrection,
  removeCorrection,
  addFiles,
  addGroup,
  allPaths,
  contextParts,
  contextText,
  draftFrom,
  draftOf,
  emptyDraft,
  isTyped,
  moveFile,
  removeFile,
  removeGroup,
  setField,
  setTitle,
  submissionOf
} from '../draft';
import { placesOf } from '../corrections';
import type { IRequestDetail } from '../wire';

let last = 0;
const newId = () => `id-${++last}`;

function withFiles(...paths: string[]): IDraft {
  return addFiles(emptyDraft(newId), paths);
}

describe('files of a draft', () => {
  it('are added once, wherever they are', () => {
    const draft = addFiles(addGroup(withFiles('a.csv', 'b.csv'), newId), ['b.csv', 'c.csv', 'c.csv']);
    expect(draft.groups.map(group => group.paths)).toEqual([['a.csv', 'b.csv'], ['c.csv']]);
  });

  it('move between groups without being lost or doubled', () => {
    const draft = addGroup(withFiles('a.csv', 'b.csv'), newId);
    const moved = moveFile(draft, 'a.csv', draft.groups[1].id);
    expect(moved.groups.map(group => group.paths)).toEqual([['b.csv'], ['a.csv']]);
    expect(allPaths(removeFile(moved, 'b.csv'))).toEqual(['a.csv']);
  });

  it('stay in the request when their group goes', () => {
    const draft = addGroup(withFiles('a.csv'), newId);
    const filled = addFiles(draft, ['b.csv'], draft.groups[1].id);
    expect(removeGroup(filled, filled.groups[0].id).groups[0].paths).toEqual(['b.csv', 'a.csv']);
    expect(removeGroup(filled, filled.groups[1].id).groups[0].paths).toEqual(['a.csv', 'b.csv']);
  });
});

it('keeps the last group', () => {
  const draft = withFiles('a.csv');
  expect(removeGroup(draft, draft.groups[0].id)).toBe(draft);
});

it('names a new group like no other', () => {
  let draft = addGroup(addGroup(emptyDraft(newId), newId), newId);
  draft = addGroup(removeGroup(draft, draft.groups[0].id), newId);
  const names = draft.groups.map(group => group.name);
  expect(new Set(names).size).toBe(names.length);
});

it('changes a copy and never the draft itself', () => {
  const draft = withFiles('a.csv');
  const before = JSON.stringify(draft);
  setTitle(setField(addGroup(draft, newId), draft.groups[0].id, 'controls', 'rounded'), 'Table 1');
  expect(JSON.stringify(draft)).toBe(before);
});

it('knows whether something would be lost', () => {
  const draft = withFiles('a.csv');
  expect(isTyped(draft)).toBe(false);
  expect(isTyped(setField(draft, draft.groups[0].id, 'records', '12'))).toBe(true);
});

describe('the context', () => {
  it('comes back as it was typed, with line breaks', () => {
    const group = { ...withFiles().groups[0], population: 'adults\nall sites', variables: 'plan: by arm', records: '20,190' };
    expect(contextParts(contextText(group))).toEqual({
      population: 'adults\nall sites',
      variables: 'plan: by arm',
      records: '20,190'
    });
  });

  it('of another form is kept whole', () => {
    expect(contextParts('everybody')).toEqual({ population: 'everybody', variables: '', records: '' });
  });
});

it('mends a returned request under a new client id, filled with what was sent', () => {
  const returned = {
    id: 'r1',
    number: 7,
    title: 'Visits',
    groups: [{ name: 'G', context: 'Population: p\nVariables: v\nRecords: 5', controls: 'c', outputs: [{ path: 'a.csv' }] }]
  } as unknown as IRequestDetail;
  const first = draftOf(returned, newId);
  expect(submissionOf(first)).toEqual({
    client_id: first.clientId,
    title: 'Visits',
    groups: [{ name: 'G', context: 'Population: p\nVariables: v\nRecords: 5', controls: 'c', paths: ['a.csv'] }],
    corrections: [],
    replaces: 'r1'
  });
  expect(draftOf(returned, newId).clientId).not.toBe(first.clientId);
});

describe('what is said about a column', () => {
  const said = { path: 'a.csv', part: 0, row: null, column: 1, means: 'year', why: 'so' } as const;

  it('is kept once for each place, and sent', () => {
    const draft = addCorrection(addCorrection(withFiles('a.csv'), said), { ...said, means: 'code' });
    expect(draft.corrections.map(correction => correction.means)).toEqual(['code']);
    expect(submissionOf(draft).corrections).toEqual([{ ...said, means: 'code' }]);
    expect(removeCorrection(draft, said).corrections).toEqual([]);
  });

  it('goes with its file, and stays when the file moves', () => {
    const draft = addCorrection(addGroup(withFiles('a.csv'), newId), said);
    expect(removeFile(draft, 'a.csv').corrections).toEqual([]);
    expect(moveFile(draft, 'a.csv', draft.groups[1].id).corrections).toEqual([said]);
  });

  it('is missing in a draft of an older form', () => {
    const { corrections, ...older } = withFiles('a.csv');
    expect(draftFrom(older)?.corrections).toEqual(corrections);
  });

  it('is about columns and rows of tables that findings point at', () => {
    const cell = { part: 0, row: 3, column: 1, label: '', value: '4' };
    const line = { part: 1, row: 7, column: null, label: '', value: '' };
    const finding = { rule: 'F01', severity: 'fail', where: [cell, { ...cell, row: 5 }, line], message: '', remedy: '' } as const;
    expect(placesOf([{ ...finding, where: [...finding.where] }])).toEqual([
      { part: 0, row: null, column: 1 },
      { part: 0, row: 3, column: null },
      { part: 0, row: 5, column: null }
    ]);
  });
});

it('reads a stored draft back, and nothing else', () => {
  const draft = withFiles('a.csv');
  expect(draftFrom(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
  for (const other of [undefined, null, {}, { ...draft, groups: [] }, { ...draft, groups: [{ id: 'x' }] }]) {
    expect(draftFrom(other)).toBeNull();
  }
});
