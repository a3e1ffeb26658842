import { levelOf, ShownModel, sizeOf } from '../shown';
import type { IShown } from '../wire';

const PLENTY: IShown = { today: 1e6, per_day: 64e6, left: 8e6, burst: 8e6, per_minute: 240e3 };

test('the level follows what ends first: the day or the burst', () => {
  expect(levelOf(PLENTY)).toBe('plenty');
  expect(levelOf({ ...PLENTY, left: 1e6 })).toBe('little');
  expect(levelOf({ ...PLENTY, today: 60e6 })).toBe('little');
  expect(levelOf({ ...PLENTY, left: 0 })).toBe('none');
  expect(levelOf({ ...PLENTY, today: 64e6 })).toBe('none');
});

test('sizes are for people', () => {
  expect([812, 14_000, 3_200_000].map(sizeOf)).toEqual(['812 bytes', '14 kB', '3.2 MB']);
});

test('an answer that fails leaves what is known', async () => {
  const answers = [Promise.resolve(PLENTY), Promise.reject(new Error('silent'))];
  const model = new ShownModel({ shown: () => answers.shift() ?? Promise.resolve(PLENTY) });
  expect(model.shown).toBeNull();
  await model.refresh();
  await expect(model.refresh()).rejects.toThrow('silent');
  expect(model.shown).toEqual(PLENTY);
});
