/**
 * A request that is being written: an immutable value and the functions that make the next one from it.
 *
 * A path is in at most one group, and no function forgets what was typed. Nothing here talks to a server or a browser.
 */
import type { ICorrection } from './corrections';
import { keyOf } from './corrections';
import type { IRequestDetail, ISubmission } from './wire';

export interface IDraftGroup {
  readonly id: string;
  readonly name: string;
  readonly population: string;
  readonly variables: string;
  readonly records: string;
  readonly controls: string;
  readonly paths: readonly string[];
}

export interface IDraft {
  /** Sent with the request, so that sending it twice makes one request. */
  readonly clientId: string;
  readonly title: string;
  readonly groups: readonly IDraftGroup[];
  /** What the author says about columns and rows of the files. */
  readonly corrections: readonly ICorrection[];
  readonly replaces: { readonly id: string; readonly number: number } | null;
}

/** The fields of a group that a person types. */
export type GroupField = 'name' | 'population' | 'variables' | 'records' | 'controls';

export const TITLE_LIMIT = 200;
export const TEXT_LIMIT = 4000;

export type NewId = () => string;

export function emptyDraft(newId: NewId): IDraft {
  return { clientId: newId(), title: '', groups: [emptyGroup(newId, 'Group 1')], corrections: [], replaces: null };
}

/** The draft of the next round of a returned request. */
export function draftOf(request: IRequestDetail, newId: NewId): IDraft {
  const groups = request.groups.map(group => ({
    id: newId(),
    name: group.name,
    ...contextParts(group.context),
    controls: group.controls,
    paths: group.outputs.map(output => output.path)
  }));
  return {
    clientId: newId(),
    title: request.title,
    groups: groups.length > 0 ? groups : [emptyGroup(newId, 'Group 1')],
    corrections: [],
    replaces: { id: request.id, number: request.number }
  };
}

/** Read a stored draft back; null when it isn't one. */
export function draftFrom(stored: unknown): IDraft | null {
  const draft = stored as IDraft | null | undefined;
  const whole =
    !!draft &&
    typeof draft.clientId === 'string' &&
    typeof draft.title === 'string' &&
    Array.isArray(draft.groups) &&
    draft.groups.length > 0 &&
    draft.groups.every(group => typeof group.id === 'string' && Array.isArray(group.paths));
  return whole ? { ...draft, corrections: Array.isArray(draft.corrections) ? draft.corrections : [] } : null;
}

export function allPaths(draft: IDraft): string[] {
  return draft.groups.flatMap(group => [...group.paths]);
}

export function setTitle(draft: IDraft, title: string): IDraft {
  return { ...draft, title };
}

export function setField(draft: IDraft, groupId: string, field: GroupField, value: string): IDraft {
  return inGroup(draft, groupId, group => ({ ...group, [field]: value }));
}

/** Add files to a group (the last one unless named); files that are already in the request stay where they are. */
export function addFiles(draft: IDraft, paths: readonly string[], groupId?: string): IDraft {
  const known = new Set(allPaths(draft));
  const fresh = [...new Set(paths)].filter(path => !known.has(path));
  const target = groupId ?? draft.groups[draft.groups.length - 1].id;
  return inGroup(draft, target, group => ({ ...group, paths: [...group.paths, ...fresh] }));
}

/** Say what a column or row holds; what was said about the same place before is replaced. */
export function addCorrection(draft: IDraft, said: ICorrection): IDraft {
  return { ...draft, corrections: [...removeCorrection(draft, said).corrections, said] };
}

export function removeCorrection(draft: IDraft, said: ICorrection): IDraft {
  const isSame = (other: ICorrection) => other.path === said.path && keyOf(other) === keyOf(said);
  return { ...draft, corrections: draft.corrections.filter(other => !isSame(other)) };
}

export function removeFile(draft: IDraft, path: string): IDraft {
  return {
    ...draft,
    corrections: draft.corrections.filter(said => said.path !== path),
    groups: draft.groups.map(group => ({ ...group, paths: group.paths.filter(other => other !== path) }))
  };
}

/** Put another file in the place of one; a file that is already in the request only loses its double. */
export function replaceFile(draft: IDraft, path: string, other: string): IDraft {
  if (allPaths(draft).includes(other)) {
    return removeFile(draft, path);
  }
  return {
    ...draft,
    corrections: draft.corrections.filter(said => said.path !== path),
    groups: draft.groups.map(group => ({
      ...group,
      paths: group.paths.map(known => (known === path ? other : known))
    }))
  };
}

export function moveFile(draft: IDraft, path: string, groupId: string): IDraft {
  return { ...addFiles(removeFile(draft, path), [path], groupId), corrections: draft.corrections };
}

/** Add an empty group with a name that no other group has. */
export function addGroup(draft: IDraft, newId: NewId): IDraft {
  const names = new Set(draft.groups.map(group => group.name.trim()));
  let number = draft.groups.length + 1;
  while (names.has(`Group ${number}`)) {
    number += 1;
  }
  return { ...draft, groups: [...draft.groups, emptyGroup(newId, `Group ${number}`)] };
}

/** Remove a group; its files go to the group before it (or the next). The last group stays. */
export function removeGroup(draft: IDraft, groupId: string): IDraft {
  const index = draft.groups.findIndex(group => group.id === groupId);
  if (index < 0 || draft.groups.length === 1) {
    return draft;
  }
  const groups = draft.groups.filter(group => group.id !== groupId);
  const heir = groups[Math.max(0, index - 1)];
  return addFiles({ ...draft, groups }, draft.groups[index].paths, heir.id);
}

/** Whether throwing this draft away would lose something that a person typed. */
export function isTyped(draft: IDraft): boolean {
  const texts = draft.groups.flatMap(group => [group.population, group.variables, group.records, group.controls]);
  return [draft.title, ...texts].some(text => text.trim() !== '');
}

/** What is sent. Call it only for a draft without problems. */
export function submissionOf(draft: IDraft): ISubmission {
  return {
    client_id: draft.clientId,
    title: draft.title.trim(),
    groups: draft.groups.map(group => ({
      name: group.name.trim(),
      context: contextText(group),
      controls: group.controls.trim(),
      paths: [...group.paths]
    })),
    corrections: [...draft.corrections],
    replaces: draft.replaces?.id ?? null
  };
}

const LABELS: readonly ['population' | 'variables' | 'records', string][] = [
  ['population', 'Population'],
  ['variables', 'Variables'],
  ['records', 'Records']
];

/** The three answers as the one text that a checker reads. Its labels are the same in every language. */
export function contextText(group: IDraftGroup): string {
  return LABELS.map(([field, label]) => `${label}: ${group[field].trim()}`).join('\n');
}

/** The three answers of such a text; a text of another form comes back whole as the population. */
export function contextParts(text: string): Pick<IDraftGroup, 'population' | 'variables' | 'records'> {
  const match = /^Population: ([\s\S]*?)\nVariables: ([\s\S]*?)\nRecords: ([\s\S]*)$/.exec(text);
  return match
    ? { population: match[1], variables: match[2], records: match[3] }
    : { population: text, variables: '', records: '' };
}

function emptyGroup(newId: NewId, name: string): IDraftGroup {
  return { id: newId(), name, population: '', variables: '', records: '', controls: '', paths: [] };
}

function inGroup(draft: IDraft, groupId: string, change: (group: IDraftGroup) => IDraftGroup): IDraft {
  return { ...draft, groups: draft.groups.map(group => (group.id === groupId ? change(group) : group)) };
}
