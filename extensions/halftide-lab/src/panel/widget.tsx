/** The side panel *Releases*. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { markIcon } from '../icons';
import type { IDraft } from '../model/draft';
import { canResubmit } from '../model/requests';
import type { IReleases } from '../tokens';
import { CommandIDs } from '../tokens';
import { RequestItem } from './request';

export const PANEL_ID = 'halftide-lab-releases';

export interface IPanelProps {
  releases: IReleases;
  commands: CommandRegistry;
  trans: TranslationBundle;
  onWithdraw: (id: string, number: number) => Promise<void>;
}

export class ReleasesPanel extends ReactWidget {
  constructor(private readonly props: IPanelProps) {
    super();
    this.id = PANEL_ID;
    this.addClass('halftide-Panel');
    this.title.icon = markIcon;
    this.title.caption = props.trans.__('Releases');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', props.trans.__('Releases'));
    this.node.tabIndex = -1;
  }

  protected override render(): React.JSX.Element {
    return <Releases {...this.props} />;
  }

  protected override onActivateRequest(_: Message): void {
    this.node.focus();
  }
}

function Releases(props: IPanelProps): React.JSX.Element {
  const { releases, commands, trans } = props;
  const { model, drafts } = releases;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    drafts.changed.connect(redraw);
    return () => {
      model.changed.disconnect(redraw);
      drafts.changed.disconnect(redraw);
    };
  }, [model, drafts]);
  return (
    <>
      <header className="halftide-Panel-head">
        <h2>{trans.__('Releases')}</h2>
        {model.status && <p className="halftide-Muted">{model.status.title}</p>}
        <button
          type="button"
          className="halftide-Button halftide-mod-primary"
          onClick={() => void commands.execute(CommandIDs.requestCurrent)}
        >
          {trans.__('Request release…')}
        </button>
      </header>
      <Failure {...props} />
      {[...drafts.kept]
        .filter(([key]) => !model.requests?.some(request => request.id === key && canResubmit(request)))
        .map(([key, draft]) => (
          <DraftItem key={key} id={key} draft={draft} {...props} />
        ))}
      <List {...props} />
    </>
  );
}

function Failure({ releases, trans }: IPanelProps): React.JSX.Element | null {
  const { model } = releases;
  const text = model.failure || model.status?.trouble || '';
  if (text === '') {
    return null;
  }
  return (
    <div className="halftide-Alert" role="alert">
      <p>{text}</p>
      {model.requests !== null && <p>{trans.__('What you see below is the last answer.')}</p>}
      <button type="button" className="halftide-Button" onClick={() => void releases.refresh()}>
        {trans.__('Try now')}
      </button>
    </div>
  );
}

function DraftItem(props: IPanelProps & { id: string; draft: IDraft }): React.JSX.Element {
  const { draft, commands, trans, id } = props;
  const replaces = draft.replaces;
  return (
    <div className="halftide-Draft">
      <p>
        <strong>
          {replaces ? trans.__('You are mending request #%1', replaces.number) : trans.__('You have a request that was not sent yet')}
        </strong>
        {draft.title.trim() !== '' && <span className="halftide-Muted"> {draft.title}</span>}
      </p>
      <button type="button" className="halftide-Button" onClick={() => void commands.execute(CommandIDs.openDraft, { key: id })}>
        {trans.__('Continue')}
      </button>
    </div>
  );
}

function List(props: IPanelProps): React.JSX.Element | null {
  const { releases, trans } = props;
  const requests = releases.model.requests;
  if (requests === null) {
    return releases.model.failure === '' ? (
      <p className="halftide-Muted halftide-Panel-text" role="status">
        {trans.__('Asking the output checker…')}
      </p>
    ) : null;
  }
  if (requests.length === 0) {
    return <EmptyState {...props} />;
  }
  return (
    <ul className="halftide-Requests">
      {requests.map(request => (
        <RequestItem key={request.id} request={request} {...props} />
      ))}
    </ul>
  );
}

function EmptyState({ trans }: IPanelProps): React.JSX.Element {
  return (
    <div className="halftide-Panel-empty">
      <markIcon.react tag="div" className="halftide-Panel-mark" />
      <h3>{trans.__('Nothing has left this workspace yet')}</h3>
      <p>{trans.__('Files leave it only after they have been checked. To ask for it:')}</p>
      <ol>
        <li>{trans.__('Save the table, figure or notebook that you want to use outside.')}</li>
        <li>{trans.__('In the file browser, open its context menu and choose “Request release…”.')}</li>
        <li>{trans.__('Say what the numbers rest on. You see at once what a checker would question.')}</li>
      </ol>
    </div>
  );
}
