/**
 * Drafts that outlive a reload of the page: one for a new request, and one for each returned request being mended.
 *
 * They are kept in JupyterLab's state database, which the server stores outside of everything a kernel can read.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { IDraft } from './model/draft';
import { draftFrom } from './model/draft';
import type { IDraftStore } from './model/form';

const NAMESPACE = 'halftide-lab-draft';
export const NEW_REQUEST = 'new';

export class Drafts {
  constructor(private readonly state: IStateDB) {
    this.ready = this.load().catch(reason => console.warn('Earlier drafts could not be read', reason));
  }

  /** Resolves when what was kept before this page was loaded is known. */
  readonly ready: Promise<void>;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The drafts that are kept, by their key. */
  get kept(): ReadonlyMap<string, IDraft> {
    return this._kept;
  }

  store(key: string): IDraftStore {
    return {
      save: async draft => {
        this._kept.set(key, draft);
        this._changed.emit();
        await this.state.save(`${NAMESPACE}:${key}`, draft as unknown as ReadonlyPartialJSONValue);
      },
      remove: async () => {
        this._kept.delete(key);
        this._changed.emit();
        await this.state.remove(`${NAMESPACE}:${key}`);
      }
    };
  }

  private async load(): Promise<void> {
    const { ids, values } = await this.state.list(NAMESPACE);
    ids.forEach((id, index) => {
      const draft = draftFrom(values[index]);
      if (draft) {
        this._kept.set(id.slice(NAMESPACE.length + 1), draft);
      }
    });
    this._changed.emit();
  }

  private readonly _kept = new Map<string, IDraft>();
  private readonly _changed = new Signal<this, void>(this);
}
