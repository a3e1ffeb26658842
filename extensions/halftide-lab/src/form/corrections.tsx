/** What the author says that a column or row holds: what was said, and saying more. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { ICorrection, Means } from '../model/corrections';
import { MEANS, WHY_LIMIT, keyOf, placesOf } from '../model/corrections';
import { addCorrection, removeCorrection } from '../model/draft';
import type { FormModel } from '../model/form';
import { meansName, numberedPlace } from '../words';

interface ICorrectionsProps {
  path: string;
  scope: string;
  model: FormModel;
  disabled: boolean;
  trans: TranslationBundle;
}

export function Corrections(props: ICorrectionsProps): React.JSX.Element | null {
  const { path, model, trans } = props;
  const said = model.draft.corrections.filter(correction => correction.path === path);
  return (
    <>
      {said.length > 0 && (
        <ul className="halftide-Corrections" aria-label={trans.__('What you say about %1', path)}>
          {said.map(correction => (
            <li key={keyOf(correction)}>
              {trans.__('You say that %1 holds %2: “%3”.', numberedPlace(correction, trans), meansName(correction.means, trans), correction.why)}{' '}
              <button
                type="button"
                className="halftide-Link"
                disabled={props.disabled}
                aria-label={trans.__('Take back what you say about %1', numberedPlace(correction, trans))}
                onClick={() => model.correct(path, draft => removeCorrection(draft, correction))}
              >
                {trans.__('Take back')}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Misread {...props} />
    </>
  );
}

function Misread({ path, scope, model, disabled, trans }: ICorrectionsProps): React.JSX.Element | null {
  const [chosen, setChosen] = React.useState('');
  const [means, setMeans] = React.useState<Means | ''>('');
  const [why, setWhy] = React.useState('');
  const places = placesOf(model.check(path)?.result?.findings ?? []);
  const place = places.find(other => keyOf(other) === chosen) ?? places[0];
  if (place === undefined) {
    return null;
  }
  const id = `${scope}-misread-${path}`;
  const add = () => {
    if (means !== '' && why.trim() !== '') {
      const correction: ICorrection = { ...place, path, means, why: why.trim() };
      model.correct(path, draft => addCorrection(draft, correction));
      setMeans('');
      setWhy('');
    }
  };
  return (
    <details className="halftide-Folded">
      <summary>{trans.__('This is not a count… the check misread a column or row')}</summary>
      <div className="halftide-Misread">
        <label htmlFor={`${id}-place`}>{trans.__('Which')}</label>
        <select id={`${id}-place`} className="halftide-Select" value={keyOf(place)} disabled={disabled} onChange={event => setChosen(event.target.value)}>
          {places.map(other => (
            <option key={keyOf(other)} value={keyOf(other)}>
              {numberedPlace(other, trans)}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-means`}>{trans.__('What it holds')}</label>
        <select id={`${id}-means`} className="halftide-Select" value={means} disabled={disabled} onChange={event => setMeans(event.target.value as Means | '')}>
          <option value="">{trans.__('choose…')}</option>
          {MEANS.map(word => (
            <option key={word} value={word}>
              {meansName(word, trans)}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-why`}>{trans.__('How a checker can tell')}</label>
        <input id={`${id}-why`} className="halftide-Input" type="text" autoComplete="off" maxLength={WHY_LIMIT} value={why} readOnly={disabled} onChange={event => setWhy(event.target.value)} />
        <button type="button" className="halftide-Button" disabled={disabled || means === '' || why.trim() === ''} onClick={add}>
          {trans.__('Check again with this')}
        </button>
      </div>
      <p className="halftide-Muted">{trans.__('A checker sees what you say and every finding that it sets aside, and decides.')}</p>
    </details>
  );
}
