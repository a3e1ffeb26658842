/**
 * What the author says about a column or row that the check misread. It travels with the request; a checker is told of
 * everything that it sets aside.
 */
import type { IFinding } from './wire';

export const MEANS = ['year', 'date', 'code', 'things', 'rate', 'percent', 'total', 'count'] as const;
export type Means = (typeof MEANS)[number];

export const WHY_LIMIT = 500;

/** A column or row as the server counts it: from 0, with the header rows. One of the two is null. */
export interface IPlace {
  readonly part: number;
  readonly row: number | null;
  readonly column: number | null;
}

export interface ICorrection extends IPlace {
  readonly path: string;
  readonly means: Means;
  readonly why: string;
}

const MOST_PLACES = 40;

/** The columns and then the rows that findings point at in tables, each once. */
export function placesOf(findings: readonly IFinding[]): IPlace[] {
  const cells = findings.flatMap(finding => finding.where).filter(where => where.column !== null);
  const columns = cells.map(where => ({ part: where.part, row: null, column: where.column }));
  const rows = cells.filter(where => where.row !== null).map(where => ({ part: where.part, row: where.row, column: null }));
  const found = new Map([...columns, ...rows].map(place => [keyOf(place), place]));
  return [...found.values()].slice(0, MOST_PLACES);
}

/** Tells places apart, and is the value of a choice. */
export function keyOf(place: IPlace): string {
  return `${place.part}:${place.row ?? ''}:${place.column ?? ''}`;
}
