import type { IDraft } from '../draft';
import { addFiles, addGroup, emptyDraft, setField, setTitle, TITLE_LIMIT } from '../draft';
import { problemsOf } from '../problems';
import type { IPreflight } from '../wire';

let last = 0;
const newId = () => `id-${++last}`;
const policy = { max_request_files: 3 };
const none = new Map<string, IPreflight>();

function complete(): IDraft {
  let draft = setTitle(addFiles(emptyDraft(newId), ['a.csv']), 'Table 1');
  for (const field of ['population', 'variables', 'controls'] as const) {
    draft = setField(draft, draft.groups[0].id, field, 'said');
  }
  return setField(draft, draft.groups[0].id, 'records', '20,190 person-years');
}

const codes = (draft: IDraft, checks = none) => problemsOf(draft, checks, policy).map(problem => problem.code);

it('finds nothing in a complete request', () => {
  expect(codes(complete())).toEqual([]);
});

it('names everything that an empty request lacks, in the order of the form', () => {
  expect(codes(emptyDraft(newId))).toEqual([
    'title-empty',
    'no-files',
    'population-empty',
    'variables-empty',
    'records-empty',
    'controls-empty'
  ]);
});

it('takes blanks for nothing', () => {
  expect(codes(setTitle(complete(), '   '))).toEqual(['title-empty']);
});

it('wants a number of records in figures', () => {
  const draft = complete();
  expect(codes(setField(draft, draft.groups[0].id, 'records', 'many'))).toEqual(['records-no-number']);
});

it('holds to the limits of the policy and of the form', () => {
  expect(codes(addFiles(complete(), ['b', 'c', 'd']))).toEqual(['too-many-files']);
  expect(codes(setTitle(complete(), 'x'.repeat(TITLE_LIMIT + 1)))).toEqual(['title-long']);
});

it('asks for names and files only when there are several groups', () => {
  const single = complete();
  expect(codes(setField(single, single.groups[0].id, 'name', ''))).toEqual([]);
  const both = addGroup(single, newId);
  const second = both.groups[1].id;
  expect(codes(both)).toContain('group-empty');
  expect(codes(setField(both, second, 'name', single.groups[0].name))).toContain('name-taken');
  expect(codes(setField(both, second, 'name', ' '))).toContain('name-empty');
});

it('holds back a file that can’t be sent, but not one that a checker would question', () => {
  const file = { path: 'a.csv', kind: 'table', size: 1, verdict: 'fail', findings: [], dropped: [], problem: '', trouble: '', mendable: false } as const;
  const checks = (refused: boolean) => new Map([['a.csv', { ...file, findings: [], dropped: [], refused }]]);
  expect(codes(complete(), checks(true))).toEqual(['file-refused']);
  expect(codes(complete(), checks(false))).toEqual([]);
});
