/** Findings in plain words with their remedy, and what would not be released; the same in the form and in the panel. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IDropped, IFinding } from './model/wire';
import type { Tone } from './words';
import { placeName, severityName } from './words';

const SHOWN_FIRST = 4;
const PLACES_SHOWN = 3;
const WEIGHT = { fail: 0, review: 1, note: 2 } as const;

export function Badge(props: { tone: Tone; children: React.ReactNode }): React.JSX.Element {
  return <span className={`halftide-Badge halftide-mod-${props.tone}`}>{props.children}</span>;
}

interface IFindingsProps {
  findings: readonly IFinding[];
  trans: TranslationBundle;
}

export function Findings({ findings, trans }: IFindingsProps): React.JSX.Element | null {
  const [all, setAll] = React.useState(false);
  if (findings.length === 0) {
    return null;
  }
  const notes = findings.filter(finding => finding.severity === 'note');
  const weighty = findings
    .filter(finding => finding.severity !== 'note')
    .sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
  const shown = all ? weighty : weighty.slice(0, SHOWN_FIRST);
  const hidden = weighty.length - shown.length;
  return (
    <>
      {shown.length > 0 && <FindingList findings={shown} trans={trans} />}
      {hidden > 0 && (
        <button type="button" className="halftide-Link" onClick={() => setAll(true)}>
          {trans._n('Show %1 more finding', 'Show %1 more findings', hidden)}
        </button>
      )}
      {notes.length > 0 && (
        <details className="halftide-Folded">
          <summary>{trans._n('%1 note, for your information', '%1 notes, for your information', notes.length)}</summary>
          <FindingList findings={notes} trans={trans} />
        </details>
      )}
    </>
  );
}

function FindingList({ findings, trans }: IFindingsProps): React.JSX.Element {
  return (
    <ul className="halftide-Findings">
      {findings.map((finding, index) => (
        <Finding key={index} finding={finding} trans={trans} />
      ))}
    </ul>
  );
}

function Finding({ finding, trans }: { finding: IFinding; trans: TranslationBundle }): React.JSX.Element {
  const named = finding.where.map(where => placeName(where, trans)).filter(place => place !== '');
  const places = named.slice(0, PLACES_SHOWN);
  const more = named.length - places.length;
  return (
    <li className={`halftide-Finding halftide-mod-${finding.severity}`}>
      <p className="halftide-Finding-message">
        <strong>{severityName(finding.severity, trans)}</strong> <span className="halftide-Rule">{finding.rule}</span>{' '}
        {finding.message}
      </p>
      {places.length > 0 && (
        <p className="halftide-Finding-where">
          {trans.__('Where:')} {places.join('; ')}
          {more > 0 && ' ' + trans._n('and %1 more place', 'and %1 more places', more)}
        </p>
      )}
      {finding.remedy !== '' && (
        <p className="halftide-Finding-remedy">
          <strong>{trans.__('What to do:')}</strong> {finding.remedy}
        </p>
      )}
    </li>
  );
}

export function DroppedList(props: { dropped: readonly IDropped[]; trans: TranslationBundle }): React.JSX.Element | null {
  const { dropped, trans } = props;
  if (dropped.length === 0) {
    return null;
  }
  return (
    <details className="halftide-Folded">
      <summary>
        {trans._n('%1 part of this file is not released', '%1 parts of this file are not released', dropped.length)}
      </summary>
      <ul className="halftide-Dropped">
        {dropped.map((item, index) => (
          <li key={index}>
            {item.where !== '' && <span className="halftide-Muted">{item.where}: </span>}
            {item.detail || item.what}
          </li>
        ))}
      </ul>
    </details>
  );
}
