/** A labelled field with its hint and its problem, tied together for screen readers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IProblem } from '../model/problems';
import { problemText } from '../words';

interface IFieldProps {
  /** Unique in the form; problems name it. */
  field: string;
  /** Makes ids unique in the page. */
  scope: string;
  label: string;
  hint?: string;
  value: string;
  lines?: number;
  disabled: boolean;
  problems: readonly IProblem[];
  trans: TranslationBundle;
  onChange: (value: string) => void;
}

export function Field(props: IFieldProps): React.JSX.Element {
  const id = `${props.scope}-${props.field}`;
  const problem = props.problems.find(problem => problem.field === props.field);
  const described = [props.hint ? `${id}-hint` : '', problem ? `${id}-problem` : ''].filter(Boolean).join(' ');
  const shared = {
    id,
    value: props.value,
    readOnly: props.disabled,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': described || undefined,
    'aria-required': true,
    className: 'halftide-Input'
  };
  return (
    <div className="halftide-Field">
      <label htmlFor={id}>{props.label}</label>
      {props.hint && (
        <p id={`${id}-hint`} className="halftide-Hint">
          {props.hint}
        </p>
      )}
      {props.lines ? (
        <textarea {...shared} rows={props.lines} onChange={event => props.onChange(event.target.value)} />
      ) : (
        <input {...shared} type="text" autoComplete="off" onChange={event => props.onChange(event.target.value)} />
      )}
      <Problem id={`${id}-problem`} problem={problem} trans={props.trans} />
    </div>
  );
}

export function Problem(props: { id: string; problem: IProblem | undefined; trans: TranslationBundle }): React.JSX.Element | null {
  return props.problem ? (
    <p id={props.id} className="halftide-Problem">
      {problemText(props.problem, props.trans)}
    </p>
  ) : null;
}
