/**
 * My requests of this project as the portal tells them: the list, the details that were asked for, and what changed.
 *
 * A failure leaves what is shown in place and says so; nothing is invented.
 */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { IReleaseServer } from '../api';
import type { IRequestDetail, IRequestSummary, IStatus } from './wire';

export interface IStateChange {
  readonly before: string;
  readonly request: IRequestSummary;
}

/** States in which the author can still take a request back. */
const WITHDRAWABLE = new Set(['checking', 'waiting', 'in_review', 'returned']);

export function canWithdraw(request: IRequestSummary): boolean {
  return WITHDRAWABLE.has(request.state);
}

/** Whether it is the author's turn to mend and send again. */
export function canResubmit(request: IRequestSummary): boolean {
  return request.state === 'returned';
}

export class RequestsModel {
  constructor(private readonly server: Omit<IReleaseServer, 'preflight' | 'submit' | 'proposeFix' | 'writeFix'>) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emits each request whose state differs from the last answer; never for the first answer. */
  get moved(): ISignal<this, IStateChange> {
    return this._moved;
  }

  /** null until the first answer. */
  get requests(): readonly IRequestSummary[] | null {
    return this._requests;
  }

  get status(): IStatus | null {
    return this._status;
  }

  get failure(): string {
    return this._failure;
  }

  /** Whether something moves by itself soon, so that it is worth asking often. */
  get isBusy(): boolean {
    return (this._requests ?? []).some(request => request.state === 'checking');
  }

  detail(id: string): IRequestDetail | undefined {
    return this._details.get(id);
  }

  detailFailure(id: string): string {
    return this._detailFailures.get(id) ?? '';
  }

  /** Ask for the list, and for opened details that are out of date. Rejects when the list does not come. */
  async refresh(): Promise<void> {
    try {
      // the title and the addresses do not change while a workspace runs, but the first answer may have failed
      if (this._status === null || this._status.trouble !== '') {
        this._status = await this.server.status();
      }
      const requests = await this.server.requests();
      this.notice(requests);
      this._requests = requests;
      this._failure = '';
    } catch (error) {
      this._failure = textOf(error);
      throw error;
    } finally {
      this._changed.emit();
    }
    await Promise.all([...this._open].filter(id => this.isStale(id)).map(id => this.load(id)));
  }

  /** Keep the details of this request loaded from now on. */
  async open(id: string): Promise<void> {
    this._open.add(id);
    if (this.isStale(id)) {
      await this.load(id);
    }
  }

  close(id: string): void {
    this._open.delete(id);
  }

  /** The details as they are now. Rejects with the reason. */
  async fetch(id: string): Promise<IRequestDetail> {
    const detail = await this.server.request(id);
    this.learn(detail);
    return detail;
  }

  async withdraw(id: string): Promise<void> {
    this.learn(await this.server.withdraw(id));
  }

  /** Take in what the portal just said about a request. */
  learn(detail: IRequestDetail): void {
    this._details.set(detail.id, detail);
    const others = (this._requests ?? []).filter(request => request.id !== detail.id);
    const place = (this._requests ?? []).findIndex(request => request.id === detail.id);
    others.splice(Math.max(0, place), 0, detail);
    this._requests = others;
    this._changed.emit();
  }

  private async load(id: string): Promise<void> {
    try {
      this._details.set(id, await this.server.request(id));
      this._detailFailures.delete(id);
    } catch (error) {
      this._detailFailures.set(id, textOf(error));
    }
    this._changed.emit();
  }

  private isStale(id: string): boolean {
    const detail = this._details.get(id);
    const summary = this._requests?.find(request => request.id === id);
    return !detail || (!!summary && (summary.updated_at !== detail.updated_at || summary.state !== detail.state));
  }

  private notice(requests: readonly IRequestSummary[]): void {
    const before = new Map((this._requests ?? []).map(request => [request.id, request.state]));
    for (const request of requests) {
      const state = before.get(request.id);
      if (state !== undefined && state !== request.state) {
        this._moved.emit({ before: state, request });
      }
    }
  }

  private _requests: readonly IRequestSummary[] | null = null;
  private _status: IStatus | null = null;
  private _failure = '';
  private readonly _details = new Map<string, IRequestDetail>();
  private readonly _detailFailures = new Map<string, string>();
  private readonly _open = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _moved = new Signal<this, IStateChange>(this);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
