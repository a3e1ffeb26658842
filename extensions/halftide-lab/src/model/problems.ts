/**
 * What keeps a draft from being sent. The form shows each problem beside its field and all of them above the button.
 */
import type { IDraft, IDraftGroup } from './draft';
import { allPaths, TEXT_LIMIT, TITLE_LIMIT } from './draft';
import type { IPolicySummary, IPreflight } from './wire';

export type Code =
  | 'title-empty'
  | 'title-long'
  | 'no-files'
  | 'too-many-files'
  | 'group-empty'
  | 'name-empty'
  | 'name-taken'
  | 'population-empty'
  | 'variables-empty'
  | 'records-empty'
  | 'records-no-number'
  | 'controls-empty'
  | 'text-long'
  | 'file-refused';

/** A problem and the id of the field that mends it. */
export interface IProblem {
  readonly code: Code;
  readonly field: string;
  readonly group?: string;
  readonly path?: string;
  readonly limit?: number;
}

export const TITLE_FIELD = 'title';
export const FILES_FIELD = 'files';

export function fieldOf(group: IDraftGroup, name: string): string {
  return `${group.id}-${name}`;
}

export function fileField(path: string): string {
  return `file-${path}`;
}

/** All problems of a draft, in the order in which the form shows its fields. */
export function problemsOf(
  draft: IDraft,
  checks: ReadonlyMap<string, IPreflight>,
  policy: Pick<IPolicySummary, 'max_request_files'> | null
): IProblem[] {
  return [
    ...titleProblems(draft.title),
    ...filesProblems(draft, policy),
    ...draft.groups.flatMap(group => groupProblems(draft, group, checks))
  ];
}

function titleProblems(title: string): IProblem[] {
  if (title.trim() === '') {
    return [{ code: 'title-empty', field: TITLE_FIELD }];
  }
  return title.length > TITLE_LIMIT ? [{ code: 'title-long', field: TITLE_FIELD, limit: TITLE_LIMIT }] : [];
}

function filesProblems(draft: IDraft, policy: Pick<IPolicySummary, 'max_request_files'> | null): IProblem[] {
  const count = allPaths(draft).length;
  if (count === 0) {
    return [{ code: 'no-files', field: FILES_FIELD }];
  }
  const limit = policy?.max_request_files ?? Infinity;
  return count > limit ? [{ code: 'too-many-files', field: FILES_FIELD, limit }] : [];
}

function groupProblems(draft: IDraft, group: IDraftGroup, checks: ReadonlyMap<string, IPreflight>): IProblem[] {
  const problems: IProblem[] = [];
  const add = (code: Code, name: string, limit?: number) =>
    problems.push({ code, field: fieldOf(group, name), group: group.id, ...(limit === undefined ? {} : { limit }) });
  if (draft.groups.length > 1) {
    nameProblem(draft, group).forEach(code => add(code, 'name'));
    if (group.paths.length === 0) {
      add('group-empty', 'files');
    }
  }
  for (const path of group.paths) {
    if (checks.get(path)?.refused) {
      problems.push({ code: 'file-refused', field: fileField(path), group: group.id, path });
    }
  }
  for (const name of ['population', 'variables', 'records', 'controls'] as const) {
    const code = textProblem(name, group[name]);
    if (code) {
      add(code, name, code === 'text-long' ? TEXT_LIMIT : undefined);
    }
  }
  return problems;
}

function nameProblem(draft: IDraft, group: IDraftGroup): Code[] {
  const name = group.name.trim();
  if (name === '') {
    return ['name-empty'];
  }
  const taken = draft.groups.some(other => other.id !== group.id && other.name.trim() === name);
  return taken ? ['name-taken'] : [];
}

function textProblem(name: 'population' | 'variables' | 'records' | 'controls', text: string): Code | null {
  if (text.trim() === '') {
    return `${name}-empty`;
  }
  if (text.length > TEXT_LIMIT) {
    return 'text-long';
  }
  return name === 'records' && !/\d/.test(text) ? 'records-no-number' : null;
}
