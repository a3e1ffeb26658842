/**
 * The status bar: where one is (*Sealed workspace · project*; a click opens the panel), and how much was shown today
 * (a click says what that means).
 */
import { Dialog, ReactWidget, showDialog, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { markIcon } from './icons';
import type { RequestsModel } from './model/requests';
import type { ShownModel } from './model/shown';
import { levelOf, sizeOf } from './model/shown';
import type { IShown } from './model/wire';

export class WorkspaceStatus extends ReactWidget {
  constructor(
    private readonly model: RequestsModel,
    private readonly trans: TranslationBundle,
    private readonly onOpen: () => void
  ) {
    super();
    this.addClass('halftide-Status');
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this.model.changed}>
        {() => (
          <button
            type="button"
            title={this.trans.__('Files leave this workspace only after they have been checked. Show my releases.')}
            onClick={this.onOpen}
          >
            <markIcon.react tag="span" className="halftide-Status-mark" />
            {this.model.status
              ? this.trans.__('Sealed workspace · %1', this.model.status.title)
              : this.trans.__('Sealed workspace')}
          </button>
        )}
      </UseSignal>
    );
  }
}

export class ShownStatus extends ReactWidget {
  constructor(
    private readonly model: ShownModel,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('halftide-Status');
  }

  protected override render(): React.JSX.Element {
    return <UseSignal signal={this.model.changed}>{() => (this.model.shown ? this.meter(this.model.shown) : <></>)}</UseSignal>;
  }

  private meter(shown: IShown): React.JSX.Element {
    const level = levelOf(shown);
    const words = this.trans.__('%1 of %2 shown today', sizeOf(shown.today), sizeOf(shown.per_day));
    const more = { plenty: '', little: this.trans.__(' · little left'), none: this.trans.__(' · used up for now') }[level];
    return (
      <button type="button" title={this.explain(shown)} onClick={() => void this.tell(shown)}>
        <span className={`halftide-Shown halftide-Shown-${level}`} aria-hidden="true">
          <svg viewBox="0 0 100 10" preserveAspectRatio="none">
            <rect width={Math.min(100, (100 * shown.today) / shown.per_day)} height="10" />
          </svg>
        </span>
        {words + more}
      </button>
    );
  }

  private explain(shown: IShown): string {
    const rest = sizeOf(Math.max(0, shown.per_day - shown.today));
    return this.trans.__(
      'Output, opened files and terminals count together. %1 are left until midnight UTC, %2 of them at once; that grows by %3 a minute. Your code runs on when it is used up.',
      rest,
      sizeOf(shown.left),
      sizeOf(shown.per_minute)
    );
  }

  private async tell(shown: IShown): Promise<void> {
    await showDialog({
      title: this.trans.__('What this page is shown'),
      body: this.explain(shown) + ' ' + this.trans.__('To get results out, ask for a release: right-click the file and choose “Request release…”.'),
      buttons: [Dialog.okButton({ label: this.trans.__('Close') })]
    });
  }
}
