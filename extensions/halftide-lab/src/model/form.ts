/**
 * A form's state: the draft, what the check says of each file, and how far sending has come.
 *
 * It promises that a draft is kept until it has been accepted, that a second click sends nothing twice, and that an
 * answer about an older version of a file never replaces a newer one.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { IReleaseServer } from '../api';
import type { IDraft, NewId } from './draft';
import { allPaths, replaceFile, submissionOf } from './draft';
import type { IFixState } from './fixes';
import { Fixes } from './fixes';
import type { IProblem } from './problems';
import { problemsOf } from './problems';
import type { IPolicySummary, IPreflight, IRequestDetail } from './wire';

export type Phase = 'editing' | 'saving' | 'sending' | 'sent';

/** What is known about a file: a result, a check that did not happen, or neither yet. */
export interface ICheck {
  readonly running: boolean;
  readonly result: IPreflight | null;
  readonly failure: string;
}

/** Where drafts are kept between reloads. */
export interface IDraftStore {
  save(draft: IDraft): Promise<void>;
  remove(): Promise<void>;
}

export interface IFormOptions {
  draft: IDraft;
  server: Pick<IReleaseServer, 'preflight' | 'submit' | 'proposeFix' | 'writeFix'>;
  store: IDraftStore;
  newId: NewId;
  policy: IPolicySummary | null;
  /** Save open documents of these paths that have unsaved changes; rejects when that fails. */
  saveOpen: (paths: readonly string[]) => Promise<void>;
}

const CHECKS_AT_ONCE = 2;
const KEEP_AFTER_MS = 400;

export class FormModel implements IDisposable {
  constructor(private readonly options: IFormOptions) {
    this._draft = options.draft;
    this._fixes = new Fixes(options.server, () => this._changed.emit());
    void this.checkFiles(allPaths(this._draft));
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emits the accepted request. */
  get accepted(): ISignal<this, IRequestDetail> {
    return this._accepted;
  }

  get draft(): IDraft {
    return this._draft;
  }

  get phase(): Phase {
    return this._phase;
  }

  get failure(): string {
    return this._failure;
  }

  get request(): IRequestDetail | null {
    return this._request;
  }

  get policy(): IPolicySummary | null {
    return this.options.policy;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Problems are shown from the first attempt to send on, not while the first words are typed. */
  get shownProblems(): IProblem[] {
    return this._attempted ? this.problems() : [];
  }

  get newId(): NewId {
    return this.options.newId;
  }

  check(path: string): ICheck | undefined {
    return this._checks.get(path);
  }

  /** What is known about a fix of this file; undefined until one was asked for. */
  fix(path: string): IFixState | undefined {
    return this._fixes.state(path);
  }

  /** The file of which this one is the mended form. */
  madeFrom(path: string): string | undefined {
    return this._fixes.madeFrom(path);
  }

  async proposeFix(path: string): Promise<void> {
    await this._fixes.propose(path);
  }

  /** Have the shown fix written, and request it instead of the file. */
  async acceptFix(path: string): Promise<void> {
    const written = await this._fixes.write(path);
    if (written !== null) {
      this.update(draft => replaceFile(draft, path, written));
    }
  }

  dismissFix(path: string): void {
    this._fixes.dismiss(path);
  }

  /** Request the file itself again; the mended one stays in the workspace. */
  undoFix(path: string): void {
    const origin = this._fixes.madeFrom(path);
    if (origin !== undefined) {
      this.update(draft => replaceFile(draft, path, origin));
    }
  }

  /** How many files are being checked or wait for it. */
  get checking(): number {
    return [...this._checks.values()].filter(check => check.running).length;
  }

  /** Replace the draft by what `change` makes of it; new files are checked, removed ones forgotten. */
  update(change: (draft: IDraft) => IDraft): void {
    if (this._phase !== 'editing') {
      return;
    }
    const before = new Set(allPaths(this._draft));
    const next = change(this._draft);
    // an attempt whose answer was lost may have arrived: what differs from it is another request
    this._draft = this._failure !== '' && next !== this._draft ? { ...next, clientId: this.options.newId() } : next;
    const now = allPaths(this._draft);
    for (const path of before) {
      if (!now.includes(path)) {
        this._checks.delete(path);
        this._fixes.dismiss(path);
      }
    }
    void this.checkFiles(now.filter(path => !before.has(path)));
    this.keepSoon();
    this._changed.emit();
  }

  /** Change what is said about a file, and have it checked again with that. */
  correct(path: string, change: (draft: IDraft) => IDraft): void {
    this.update(change);
    void this.checkFiles([path]);
  }

  /** Have these files checked (again), a few at a time. */
  async checkFiles(paths: readonly string[]): Promise<void> {
    const waiting = paths.filter(path => allPaths(this._draft).includes(path));
    for (const path of waiting) {
      this._checks.set(path, { running: true, result: this._checks.get(path)?.result ?? null, failure: '' });
      this._turns.set(path, (this._turns.get(path) ?? 0) + 1);
    }
    this._changed.emit();
    const next = async (): Promise<void> => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        await this.checkOne(path);
      }
    };
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, next));
  }

  /** Send the request. Resolves to the problems that keep it from being sent, or to none. */
  async submit(): Promise<IProblem[]> {
    if (this._phase !== 'editing') {
      return [];
    }
    this._attempted = true;
    this._failure = '';
    const problems = this.problems();
    if (problems.length > 0) {
      this._changed.emit();
      return problems;
    }
    try {
      this.enter('saving');
      await this.options.saveOpen(allPaths(this._draft));
      this.enter('sending');
      this._request = await this.options.server.submit(submissionOf(this._draft));
    } catch (error) {
      this._failure = error instanceof Error ? error.message : String(error);
      this.enter('editing');
      return [];
    }
    await this.forget();
    this.enter('sent');
    this._accepted.emit(this._request);
    return [];
  }

  /** Drop the draft for good, here and in the store. */
  async forget(): Promise<void> {
    clearTimeout(this._keepTimer);
    this._keepTimer = undefined;
    await this.options.store.remove();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    if (this._keepTimer !== undefined) {
      this.keepNow();
    }
    Signal.clearData(this);
  }

  private problems(): IProblem[] {
    const results = new Map<string, IPreflight>();
    for (const [path, check] of this._checks) {
      if (check.result) {
        results.set(path, check.result);
      }
    }
    return problemsOf(this._draft, results, this.options.policy);
  }

  private async checkOne(path: string): Promise<void> {
    const turn = this._turns.get(path);
    const said = this._draft.corrections.filter(correction => correction.path === path);
    let check: ICheck;
    try {
      check = { running: false, result: await this.options.server.preflight(path, said), failure: '' };
    } catch (error) {
      check = { running: false, result: null, failure: error instanceof Error ? error.message : String(error) };
    }
    if (turn === this._turns.get(path) && this._checks.has(path) && !this._isDisposed) {
      this._checks.set(path, check);
      this._changed.emit();
    }
  }

  private enter(phase: Phase): void {
    this._phase = phase;
    this._changed.emit();
  }

  private keepSoon(): void {
    clearTimeout(this._keepTimer);
    this._keepTimer = setTimeout(() => this.keepNow(), KEEP_AFTER_MS);
  }

  private keepNow(): void {
    clearTimeout(this._keepTimer);
    this._keepTimer = undefined;
    this.options.store.save(this._draft).catch(reason => console.warn('The draft could not be kept', reason));
  }

  private _draft: IDraft;
  private readonly _fixes: Fixes;
  private _phase: Phase = 'editing';
  private _failure = '';
  private _request: IRequestDetail | null = null;
  private _attempted = false;
  private _isDisposed = false;
  private _keepTimer: ReturnType<typeof setTimeout> | undefined = undefined;
  private readonly _checks = new Map<string, ICheck>();
  private readonly _turns = new Map<string, number>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _accepted = new Signal<this, IRequestDetail>(this);
}
