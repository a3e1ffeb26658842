/** The status bar's words on where one is: *Sealed workspace · project*. A click opens the panel. */
import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { markIcon } from './icons';
import type { RequestsModel } from './model/requests';

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
