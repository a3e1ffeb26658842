/** The form *Request release*, and what stands in its place once the request has been accepted. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { addGroup, allPaths, setTitle } from '../model/draft';
import type { FormModel } from '../model/form';
import type { IProblem } from '../model/problems';
import { FILES_FIELD, TITLE_FIELD } from '../model/problems';
import { problemText } from '../words';
import { Field } from './fields';
import { Group } from './group';

export interface IFormProps {
  model: FormModel;
  scope: string;
  trans: TranslationBundle;
  projectTitle: string;
  pickFiles: () => Promise<string[]>;
  onShowReleases: () => void;
  onDiscard: () => void;
  addTo: (groupId: string, paths: string[]) => void;
}

export function RequestForm(props: IFormProps): React.JSX.Element {
  const { model, scope, trans } = props;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    model.changed.connect(redraw);
    return () => {
      model.changed.disconnect(redraw);
    };
  }, [model]);
  if (model.phase === 'sent') {
    return <Sent {...props} />;
  }
  const draft = model.draft;
  const problems = model.shownProblems;
  const disabled = model.phase !== 'editing';
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const found = await model.submit();
    if (found.length > 0) {
      document.getElementById(`${scope}-problems`)?.focus();
    } else if (model.failure !== '') {
      document.getElementById(`${scope}-failure`)?.focus();
    }
  };
  return (
    <form className="halftide-Form" noValidate aria-busy={disabled} onSubmit={event => void submit(event)}>
      <Heading {...props} />
      <Problems {...props} problems={problems} />
      <Field
        field={TITLE_FIELD}
        scope={scope}
        label={trans.__('Title')}
        hint={trans.__('A few words that tell this request from others, for example “Table 2: visits by plan”.')}
        value={draft.title}
        disabled={disabled}
        problems={problems}
        trans={trans}
        onChange={title => model.update(current => setTitle(current, title))}
      />
      <div id={`${scope}-${FILES_FIELD}`} tabIndex={-1} className="halftide-Groups">
        {draft.groups.map(group => (
          <Group
            key={group.id}
            group={group}
            scope={scope}
            model={model}
            problems={problems}
            disabled={disabled}
            trans={trans}
            onAddFiles={() => void props.pickFiles().then(paths => props.addTo(group.id, paths))}
          />
        ))}
      </div>
      <p>
        <button
          type="button"
          className="halftide-Button"
          disabled={disabled}
          onClick={() => model.update(current => addGroup(current, model.newId))}
        >
          {trans.__('Add a group')}
        </button>{' '}
        <span className="halftide-Muted">
          {trans.__('Use groups when files rest on different people or variables; each gets its own context.')}
        </span>
      </p>
      <Footer {...props} />
    </form>
  );
}

function Heading({ model, trans, projectTitle }: IFormProps): React.JSX.Element {
  const replaces = model.draft.replaces;
  return (
    <header>
      <h1>{replaces ? trans.__('Fix and resubmit request #%1', replaces.number) : trans.__('Request release')}</h1>
      <p className="halftide-Lead">
        {replaces
          ? trans.__('The files are taken from your workspace as they are now. Say what changed under “Disclosure control applied”.')
          : trans.__('These files leave %1 once they have been checked automatically and approved by people who are not in the project. You can follow the request in the panel “Releases”.', projectTitle || trans.__('the workspace'))}
      </p>
    </header>
  );
}

function Problems(props: IFormProps & { problems: readonly IProblem[] }): React.JSX.Element | null {
  const { problems, scope, trans } = props;
  if (problems.length === 0) {
    return null;
  }
  return (
    <div id={`${scope}-problems`} className="halftide-Alert" role="alert" tabIndex={-1}>
      <p>
        <strong>
          {trans._n('One thing to mend before this can be sent:', '%1 things to mend before this can be sent:', problems.length)}
        </strong>
      </p>
      <ul>
        {problems.map((problem, index) => (
          <li key={index}>
            <button
              type="button"
              className="halftide-Link"
              onClick={() => document.getElementById(`${scope}-${problem.field}`)?.focus()}
            >
              {problemText(problem, trans)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Footer({ model, scope, trans, onDiscard }: IFormProps): React.JSX.Element {
  const disabled = model.phase !== 'editing';
  const count = allPaths(model.draft).length;
  return (
    <footer className="halftide-Form-footer">
      {model.failure !== '' && (
        <div id={`${scope}-failure`} className="halftide-Alert" role="alert" tabIndex={-1}>
          <p>
            <strong>{trans.__('The request was not sent.')}</strong> {model.failure}
          </p>
        </div>
      )}
      <div className="halftide-Actions">
        <button type="submit" className="halftide-Button halftide-mod-primary" aria-disabled={disabled}>
          {submitLabel(model, trans)}
        </button>
        <button type="button" className="halftide-Button" disabled={disabled} onClick={onDiscard}>
          {trans.__('Discard')}
        </button>
        <span className="halftide-Muted" role="status">
          {progressText(model, count, trans)}
        </span>
      </div>
      {disabled && <progress className="halftide-Progress" aria-label={trans.__('Sending')} />}
    </footer>
  );
}

function submitLabel(model: FormModel, trans: TranslationBundle): string {
  if (model.phase !== 'editing') {
    return trans.__('Sending…');
  }
  return model.failure !== '' ? trans.__('Try again') : trans.__('Send request');
}

function progressText(model: FormModel, count: number, trans: TranslationBundle): string {
  if (model.phase === 'saving') {
    return trans.__('Saving open documents…');
  }
  if (model.phase === 'sending') {
    return trans._n('Sending %1 file to the output checker…', 'Sending %1 files to the output checker…', count);
  }
  if (model.checking > 0) {
    return trans._n('%1 file is being checked; you need not wait for it.', '%1 files are being checked; you need not wait for them.', model.checking);
  }
  return trans.__('Kept as a draft until you send or discard it.');
}

function Sent({ model, trans, onShowReleases }: IFormProps): React.JSX.Element {
  const heading = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => heading.current?.focus(), []);
  const request = model.request;
  return (
    <div className="halftide-Form">
      <h1 ref={heading} tabIndex={-1}>
        {trans.__('Request #%1 has been sent', request?.number ?? 0)}
      </h1>
      <p className="halftide-Lead">{request?.state_text}</p>
      <p>{trans.__('The bytes that were sent are the ones that are checked: changing the files here changes nothing in the request.')}</p>
      <div className="halftide-Actions">
        <button type="button" className="halftide-Button halftide-mod-primary" onClick={onShowReleases}>
          {trans.__('Show my releases')}
        </button>
      </div>
    </div>
  );
}
