/** One request in the panel: its state, what to do next, and on opening it the findings and messages. */
import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React from 'react';
import { Badge, DroppedList, Findings } from '../findings';
import { canResubmit, canWithdraw } from '../model/requests';
import type { IMessage, IRequestDetail, IRequestOutput, IRequestSummary } from '../model/wire';
import { CommandIDs } from '../tokens';
import { findingsCount, stateName, stateTone, verdictName, when } from '../words';
import type { IPanelProps } from './widget';

interface IItemProps extends IPanelProps {
  request: IRequestSummary;
}

export function RequestItem(props: IItemProps): React.JSX.Element {
  const { request, releases, trans } = props;
  const { model } = releases;
  const returned = request.state === 'returned';
  const [open, setOpen] = React.useState(returned);
  React.useEffect(() => {
    if (returned) {
      setOpen(true); // what a checker asks for is there to be read, also when it comes while the panel is open
    }
  }, [returned]);
  const [busy, setBusy] = React.useState(false);
  React.useEffect(() => {
    if (open) {
      void model.open(request.id);
    }
    return () => model.close(request.id);
  }, [open, request.id, model]);
  const Caret = open ? caretDownIcon : caretRightIcon;
  const body = `halftide-lab-request-${request.id}`;
  return (
    <li className="halftide-Request">
      <h3>
        <button
          type="button"
          className="halftide-Request-toggle"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => setOpen(!open)}
        >
          <Caret.react tag="span" className="halftide-Request-caret" />
          <span className="halftide-Request-title">
            <span className="halftide-Muted">#{request.number}</span> {request.title}
          </span>
        </button>
      </h3>
      <p className="halftide-Request-state">
        <Badge tone={stateTone(request.state)}>{stateName(request.state, trans)}</Badge>{' '}
        <span className="halftide-Muted">{when(request.updated_at)}</span>
      </p>
      <p className="halftide-Request-text">{request.state_text}</p>
      <p className="halftide-Muted">
        {[
          trans._n('%1 file', '%1 files', request.outputs),
          findingsCount(request.findings, trans),
          request.round > 1 ? trans.__('round %1', request.round) : ''
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <Actions {...props} busy={busy} setBusy={setBusy} />
      <div id={body} hidden={!open}>
        {open && <Body {...props} />}
      </div>
    </li>
  );
}

interface IActionsProps extends IItemProps {
  busy: boolean;
  setBusy: (busy: boolean) => void;
}

function Actions({ request, releases, commands, trans, onWithdraw, busy, setBusy }: IActionsProps): React.JSX.Element | null {
  if (!canResubmit(request) && !canWithdraw(request)) {
    return null;
  }
  const withdraw = async () => {
    setBusy(true);
    await onWithdraw(request.id, request.number);
    setBusy(false);
  };
  return (
    <div className="halftide-Actions">
      {canResubmit(request) && (
        <button
          type="button"
          className="halftide-Button halftide-mod-primary"
          onClick={() => void commands.execute(CommandIDs.resubmit, { id: request.id })}
        >
          {releases.drafts.kept.has(request.id) ? trans.__('Go on mending it') : trans.__('Fix and resubmit')}
        </button>
      )}
      <button
        type="button"
        className="halftide-Button"
        disabled={busy}
        aria-label={trans.__('Withdraw request #%1', request.number)}
        onClick={() => void withdraw()}
      >
        {trans.__('Withdraw')}
      </button>
    </div>
  );
}

function Body({ request, releases, trans }: IItemProps): React.JSX.Element {
  const detail = releases.model.detail(request.id);
  const failure = releases.model.detailFailure(request.id);
  return (
    <>
      {failure !== '' && <p className="halftide-Notice">{failure}</p>}
      {!detail && failure === '' && (
        <p className="halftide-Muted" role="status">
          {trans.__('Loading…')}
        </p>
      )}
      {detail && <Messages messages={detail.messages} trans={trans} />}
      {detail && <Outputs detail={detail} trans={trans} />}
      <PortalAddress request={request} trans={trans} />
    </>
  );
}

function Messages({ messages, trans }: { messages: readonly IMessage[]; trans: TranslationBundle }): React.JSX.Element | null {
  if (messages.length === 0) {
    return null;
  }
  return (
    <section>
      <h4>{trans.__('From the checkers')}</h4>
      {messages.map((message, index) => (
        <blockquote key={index} className={`halftide-Message halftide-mod-${message.kind}`}>
          <p>{message.text}</p>
          <footer className="halftide-Muted">{when(message.at)}</footer>
        </blockquote>
      ))}
    </section>
  );
}

function Outputs({ detail, trans }: { detail: IRequestDetail; trans: TranslationBundle }): React.JSX.Element {
  const several = detail.groups.length > 1;
  return (
    <section>
      <h4>{trans.__('Files')}</h4>
      {detail.groups.map((group, index) => (
        <React.Fragment key={index}>
          {several && <h5>{group.name}</h5>}
          <ul className="halftide-Files">
            {group.outputs.map(output => (
              <OutputItem key={output.id} output={output} trans={trans} />
            ))}
          </ul>
        </React.Fragment>
      ))}
    </section>
  );
}

function OutputItem({ output, trans }: { output: IRequestOutput; trans: TranslationBundle }): React.JSX.Element {
  return (
    <li className="halftide-File">
      <div className="halftide-File-head">
        <span className="halftide-File-name">{output.path}</span>
        <Badge tone={output.verdict ?? 'busy'}>{verdictName(output.verdict, trans)}</Badge>
      </div>
      <Findings findings={output.findings} trans={trans} />
      <DroppedList dropped={output.dropped} trans={trans} />
    </li>
  );
}

/** The portal's page as an address: the workspace's page may not open other windows, so it is copied or followed. */
function PortalAddress({ request, trans }: { request: IRequestSummary; trans: TranslationBundle }): React.JSX.Element {
  const [copied, setCopied] = React.useState(false);
  const id = `halftide-lab-address-${request.id}`;
  const label =
    request.state === 'released'
      ? trans.__('Fetch the released files in the portal, at this address:')
      : trans.__('This request in the portal:');
  return (
    <div className="halftide-Portal">
      <label htmlFor={id}>{label}</label>
      <div className="halftide-Portal-row">
        <input
          id={id}
          className="halftide-Input"
          type="text"
          readOnly
          value={request.url}
          onFocus={event => event.target.select()}
        />
        <button
          type="button"
          className="halftide-Button"
          onClick={() => {
            Clipboard.copyToSystem(request.url);
            setCopied(true);
          }}
        >
          {trans.__('Copy')}
        </button>
      </div>
      <p className="halftide-Muted">
        <span role="status">{copied ? trans.__('Copied. Paste it into a new tab. ') : ''}</span>
        <a href={request.url} target="_self">
          {trans.__('Or leave JupyterLab and open it in this tab')}
        </a>
      </p>
    </div>
  );
}
