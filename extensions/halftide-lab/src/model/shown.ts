/**
 * How much of what may be shown is used, as the server counts it. What is not known is not drawn.
 */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { IShown } from './wire';

/** What is left: plenty, little (of the day or for the moment), or nothing to speak of. */
export type Level = 'plenty' | 'little' | 'none';

const LITTLE = 0.2;
const NONE = 0.02;

export function levelOf(shown: IShown): Level {
  const rest = Math.min(1 - shown.today / shown.per_day, shown.left / shown.burst);
  return rest <= NONE ? 'none' : rest <= LITTLE ? 'little' : 'plenty';
}

/** A number of bytes for people: "812 bytes", "14 kB", "3.2 MB". */
export function sizeOf(count: number): string {
  if (count < 1000) {
    return `${count} bytes`;
  }
  return count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

export class ShownModel {
  constructor(private readonly server: { shown(): Promise<IShown> }) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** null until the first answer. */
  get shown(): IShown | null {
    return this._shown;
  }

  /** Ask again; rejects when no answer comes, and then what was known stays. */
  async refresh(): Promise<void> {
    this._shown = await this.server.shown();
    this._changed.emit();
  }

  private _shown: IShown | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
