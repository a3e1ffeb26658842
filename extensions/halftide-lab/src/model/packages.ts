/** Packages as the server tells of them, and which refusals the person has not been told yet. */
import type { TranslationBundle } from '@jupyterlab/translation';

export interface IRefusal {
  at: number;
  kind: string;
  name: string;
  text: string;
}

export interface IPackage {
  id: string;
  kind: string;
  name: string;
  versions: string;
  state: string;
  decision: string;
}

export interface IPackages {
  mirrors: string[];
  page: string;
  packages: IPackage[];
}

export interface IQuestion {
  kind: string;
  name: string;
}

export const KINDS: [string, string][] = [
  ['python', 'Python'],
  ['conda', 'conda'],
  ['r', 'R']
];

/** Remembers what was told already: each refusal once, and none from before the page was opened. */
export class Refusals {
  private seen: number | null = null;

  fresh(refused: IRefusal[]): IRefusal[] {
    const before = this.seen;
    this.seen = Math.max(before ?? 0, ...refused.map(one => one.at));
    return before === null ? [] : refused.filter(one => one.at > before);
  }
}

export function stateWords(state: string, trans: TranslationBundle): string {
  switch (state) {
    case 'asked':
      return trans.__('waiting for an answer');
    case 'allowed':
      return trans.__('may be installed');
    case 'refused':
      return trans.__('refused');
    default:
      return trans.__('off the list');
  }
}
