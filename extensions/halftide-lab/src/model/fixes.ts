/**
 * The fixes of a form's files: asked for one by one, shown, written when wanted, and taken back.
 *
 * It promises that nothing is written before it was shown, and that an answer to an older question changes nothing.
 */
import type { IReleaseServer } from '../api';
import type { IFix } from './wire';

/** What is known about the fix of a file: a proposal, why there is none, or neither yet. */
export interface IFixState {
  readonly running: boolean;
  readonly result: IFix | null;
  readonly failure: string;
}

export class Fixes {
  constructor(
    private readonly server: Pick<IReleaseServer, 'proposeFix' | 'writeFix'>,
    private readonly changed: () => void
  ) {}

  state(path: string): IFixState | undefined {
    return this._states.get(path);
  }

  /** The file that this one was made from. */
  madeFrom(path: string): string | undefined {
    return this._origins.get(path);
  }

  /** Ask what would be done to a file. */
  async propose(path: string): Promise<void> {
    await this.ask(path, null, async () => ({
      running: false,
      result: await this.server.proposeFix(path),
      failure: ''
    }));
  }

  /** Have the shown fix written; resolves to its path, or to null when it was not. */
  async write(path: string): Promise<string | null> {
    const shown = this._states.get(path)?.result;
    if (!shown) {
      return null;
    }
    let written: string | null = null;
    await this.ask(path, shown, async () => {
      written = await this.server.writeFix(path, shown.sha256);
      return undefined;
    });
    if (written !== null) {
      this._origins.set(written, path);
    }
    return written;
  }

  /** Show the proposal no longer. */
  dismiss(path: string): void {
    this._turns.set(path, (this._turns.get(path) ?? 0) + 1);
    this._states.delete(path);
    this.changed();
  }

  private async ask(
    path: string,
    shown: IFix | null,
    answer: () => Promise<IFixState | undefined>
  ): Promise<void> {
    if (this._states.get(path)?.running) {
      return;
    }
    const turn = (this._turns.get(path) ?? 0) + 1;
    this._turns.set(path, turn);
    this._states.set(path, { running: true, result: shown, failure: '' });
    this.changed();
    let next: IFixState | undefined;
    try {
      next = await answer();
    } catch (error) {
      next = { running: false, result: null, failure: error instanceof Error ? error.message : String(error) };
    }
    if (turn !== this._turns.get(path)) {
      return;
    }
    if (next === undefined) {
      this._states.delete(path);
    } else {
      this._states.set(path, next);
    }
    this.changed();
  }

  private readonly _states = new Map<string, IFixState>();
  private readonly _origins = new Map<string, string>();
  private readonly _turns = new Map<string, number>();
}
