/**
 * What states, verdicts and problems are called: one place for the words that the form and the panel share.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IPlace, Means } from './model/corrections';
import type { IProblem } from './model/problems';
import type { IRequestSummary, IWhere, Severity, Verdict } from './model/wire';

/** A colour of the design; the words beside it carry the meaning. */
export type Tone = 'pass' | 'review' | 'fail' | 'note' | 'busy';

export function stateName(state: string, trans: TranslationBundle): string {
  switch (state) {
    case 'draft':
      return trans.__('Not sent');
    case 'checking':
      return trans.__('Being checked');
    case 'waiting':
      return trans.__('Waiting for a checker');
    case 'in_review':
      return trans.__('In review');
    case 'returned':
      return trans.__('Returned to you');
    case 'approved':
      return trans.__('Approved');
    case 'released':
      return trans.__('Released');
    case 'rejected':
      return trans.__('Rejected');
    case 'withdrawn':
      return trans.__('Withdrawn');
    case 'expired':
      return trans.__('Expired');
    case 'held':
      return trans.__('Held');
    case 'recalled':
      return trans.__('Recalled');
    default:
      return state;
  }
}

export function stateTone(state: string): Tone {
  switch (state) {
    case 'approved':
    case 'released':
      return 'pass';
    case 'returned':
    case 'held':
      return 'review';
    case 'rejected':
    case 'recalled':
      return 'fail';
    case 'withdrawn':
    case 'expired':
    case 'draft':
      return 'note';
    default:
      return 'busy';
  }
}

/** A verdict before anything was sent. Never "safe": the automatic check does not approve. */
export function verdictAhead(verdict: Verdict | null, trans: TranslationBundle): string {
  switch (verdict) {
    case 'fail':
      return trans.__('Would be questioned by a checker');
    case 'review':
      return trans.__('A checker will look closely');
    case 'pass':
      return trans.__('Nothing found by the automatic check');
    default:
      return trans.__('Not checked');
  }
}

/** A verdict on a file that was sent. */
export function verdictName(verdict: Verdict | null, trans: TranslationBundle): string {
  switch (verdict) {
    case 'fail':
      return trans.__('Needs a change');
    case 'review':
      return trans.__('Needs a close look');
    case 'pass':
      return trans.__('Nothing found');
    default:
      return trans.__('Being checked');
  }
}

export function severityName(severity: Severity, trans: TranslationBundle): string {
  switch (severity) {
    case 'fail':
      return trans.__('Problem');
    case 'review':
      return trans.__('Question');
    default:
      return trans.__('Note');
  }
}

/** Where a finding is, in words: the label of the rule, else row and column counted as a person counts them. */
export function placeName(where: IWhere, trans: TranslationBundle): string {
  const value = where.value === '' ? '' : ` (${where.value})`;
  if (where.label !== '') {
    return where.label + value;
  }
  if (where.row !== null && where.column !== null) {
    return trans.__('row %1, column %2', where.row + 1, where.column + 1) + value;
  }
  if (where.row !== null) {
    return trans.__('row %1', where.row + 1) + value;
  }
  return where.column !== null ? trans.__('column %1', where.column + 1) + value : value.trim();
}

/** A column or row by its number, as a person counts it. */
export function numberedPlace(place: IPlace, trans: TranslationBundle): string {
  const named = place.column !== null ? trans.__('column %1', place.column + 1) : trans.__('row %1', (place.row ?? 0) + 1);
  return place.part === 0 ? named : trans.__('%1 of part %2', named, place.part + 1);
}

export function meansName(means: Means, trans: TranslationBundle): string {
  switch (means) {
    case 'year':
      return trans.__('a year');
    case 'date':
      return trans.__('a date');
    case 'code':
      return trans.__('codes of categories');
    case 'things':
      return trans.__('counts of areas or things, not of people');
    case 'rate':
      return trans.__('a rate or an index');
    case 'percent':
      return trans.__('percentages');
    case 'total':
      return trans.__('totals');
    case 'count':
      return trans.__('counts of people');
  }
}

/** "2 problems, 1 question", or nothing when there are none. */
export function findingsCount(findings: IRequestSummary['findings'], trans: TranslationBundle): string {
  const parts: string[] = [];
  if (findings.fail > 0) {
    parts.push(trans._n('%1 problem', '%1 problems', findings.fail));
  }
  if (findings.review > 0) {
    parts.push(trans._n('%1 question', '%1 questions', findings.review));
  }
  if (findings.note > 0) {
    parts.push(trans._n('%1 note', '%1 notes', findings.note));
  }
  return parts.join(', ');
}

export function problemText(problem: IProblem, trans: TranslationBundle): string {
  switch (problem.code) {
    case 'title-empty':
      return trans.__('Give the request a title, so that you and the checkers can tell it from others.');
    case 'title-long':
      return trans.__('Shorten the title to %1 characters or fewer.', problem.limit ?? 0);
    case 'no-files':
      return trans.__('Add at least one file.');
    case 'too-many-files':
      return trans.__('A request takes up to %1 files. Remove some, and ask for them in a second request.', problem.limit ?? 0);
    case 'group-empty':
      return trans.__('This group has no files. Move a file here, or remove the group.');
    case 'name-empty':
      return trans.__('Give this group a name.');
    case 'name-taken':
      return trans.__('Another group has this name. Choose a different one.');
    case 'population-empty':
      return trans.__('Say which people or records the numbers are about.');
    case 'variables-empty':
      return trans.__('Name the variables that appear in these files.');
    case 'records-empty':
      return trans.__('Say how many records the numbers rest on.');
    case 'records-no-number':
      return trans.__('Give the number of records in figures, for example “20,190 person-years”.');
    case 'controls-empty':
      return trans.__('Say what you did to protect people, or write “none” and why none was needed.');
    case 'text-long':
      return trans.__('Shorten this text to %1 characters or fewer.', problem.limit ?? 0);
    case 'file-refused':
      return trans.__('%1 can’t be sent as it is. Mend it and check it again, or remove it.', problem.path ?? '');
  }
}

export function when(moment: string): string {
  const date = new Date(moment);
  return isNaN(date.getTime()) ? moment : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}
