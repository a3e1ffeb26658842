/** One file of the form: what the check says of it, and moving, checking again and removing it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { Badge, DroppedList, Findings } from '../findings';
import type { IDraftGroup } from '../model/draft';
import type { FormModel, ICheck } from '../model/form';
import { fileField } from '../model/problems';
import type { Tone } from '../words';
import { verdictAhead } from '../words';
import { Corrections } from './corrections';
import { FixCard } from './fix';

interface IFileProps {
  path: string;
  scope: string;
  groupId: string;
  groups: readonly IDraftGroup[];
  model: FormModel;
  disabled: boolean;
  trans: TranslationBundle;
  onMove: (groupId: string) => void;
  onCheck: () => void;
  onRemove: () => void;
}

export function FileCard(props: IFileProps): React.JSX.Element {
  const { path, model, trans } = props;
  const check = model.check(path);
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return (
    <li className="halftide-File" id={`${props.scope}-${fileField(path)}`} tabIndex={-1}>
      <div className="halftide-File-head">
        <span className="halftide-File-name" title={path}>
          <span className="halftide-Muted">{folder}</span>
          {path.slice(folder.length)}
        </span>
        <span className="halftide-File-state" role="status">
          <CheckBadge check={check} trans={trans} />
        </span>
        <span className="halftide-File-actions">
          {props.groups.length > 1 && (
            <select
              className="halftide-Select"
              aria-label={trans.__('Group of %1', path)}
              value={props.groupId}
              disabled={props.disabled}
              onChange={event => props.onMove(event.target.value)}
            >
              {props.groups.map(group => (
                <option key={group.id} value={group.id}>
                  {group.name.trim() || trans.__('(no name)')}
                </option>
              ))}
            </select>
          )}
          <button
            type="button"
            className="halftide-Link"
            disabled={props.disabled || check?.running}
            aria-label={trans.__('Check %1 again', path)}
            onClick={props.onCheck}
          >
            {trans.__('Check again')}
          </button>
          <button
            type="button"
            className="halftide-Link"
            disabled={props.disabled}
            aria-label={trans.__('Remove %1 from the request', path)}
            onClick={props.onRemove}
          >
            {trans.__('Remove')}
          </button>
        </span>
      </div>
      <CheckBody check={check} trans={trans} />
      <Corrections path={path} scope={props.scope} model={model} disabled={props.disabled} trans={trans} />
      <FixCard path={path} scope={props.scope} model={model} disabled={props.disabled} trans={trans} />
    </li>
  );
}

function CheckBadge({ check, trans }: { check: ICheck | undefined; trans: TranslationBundle }): React.JSX.Element {
  if (!check || check.running) {
    return <Badge tone="busy">{trans.__('Checking…')}</Badge>;
  }
  if (!check.result) {
    return <Badge tone="note">{trans.__('Not checked')}</Badge>;
  }
  if (check.result.refused) {
    return <Badge tone="fail">{trans.__('Can’t be sent')}</Badge>;
  }
  const verdict = check.result.verdict;
  const tone: Tone = verdict ?? 'note';
  return <Badge tone={tone}>{verdictAhead(verdict, trans)}</Badge>;
}

function CheckBody({ check, trans }: { check: ICheck | undefined; trans: TranslationBundle }): React.JSX.Element | null {
  if (!check) {
    return null;
  }
  const result = check.result;
  return (
    <>
      {check.failure !== '' && (
        <p className="halftide-Notice">
          {check.failure} {trans.__('You can send the file all the same; it is checked again when it arrives.')}
        </p>
      )}
      {result && !result.refused && result.trouble !== '' && (
        <p className="halftide-Notice">
          {trans.__('Checked by the usual rules, because your project’s own could not be asked:')} {result.trouble}
        </p>
      )}
      {result && result.problem !== '' && (
        <p className={`halftide-Notice halftide-mod-${result.refused ? 'fail' : 'review'}`}>{result.problem}</p>
      )}
      {result && <Findings findings={result.findings} trans={trans} />}
      {result && <DroppedList dropped={result.dropped} trans={trans} />}
    </>
  );
}
