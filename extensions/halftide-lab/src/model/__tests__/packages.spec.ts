import type { TranslationBundle } from '@jupyterlab/translation';
import { Refusals, stateWords } from '../packages';

const refusal = (name: string, at: number) => ({ at, kind: 'python', name, text: `${name} is refused` });

describe('Refusals', () => {
  it('tells each refusal once', () => {
    const refusals = new Refusals();
    expect(refusals.fresh([])).toEqual([]);
    expect(refusals.fresh([refusal('a', 5)]).map(one => one.name)).toEqual(['a']);
    expect(refusals.fresh([refusal('a', 5), refusal('b', 6)]).map(one => one.name)).toEqual(['b']);
    expect(refusals.fresh([refusal('b', 6)])).toEqual([]);
    expect(refusals.fresh([refusal('a', 9)]).map(one => one.name)).toEqual(['a']);
  });

  it('says nothing of what was refused before the page was opened', () => {
    const refusals = new Refusals();
    expect(refusals.fresh([refusal('old', 5)])).toEqual([]);
    expect(refusals.fresh([refusal('old', 5)])).toEqual([]);
  });
});

describe('stateWords', () => {
  it('has words for every state', () => {
    const trans = { __: (text: string) => text } as unknown as TranslationBundle;
    const words = ['asked', 'allowed', 'refused', 'ended'].map(state => stateWords(state, trans));
    expect(new Set(words).size).toBe(4);
  });
});
