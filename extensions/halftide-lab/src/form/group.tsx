/** One group of the form: its files, their context, and the disclosure control that was applied. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { GroupField, IDraftGroup } from '../model/draft';
import { moveFile, removeFile, removeGroup, setField } from '../model/draft';
import type { FormModel } from '../model/form';
import type { IProblem } from '../model/problems';
import { fieldOf } from '../model/problems';
import { Field, Problem } from './fields';
import { FileCard } from './file';

interface IGroupProps {
  group: IDraftGroup;
  scope: string;
  model: FormModel;
  problems: readonly IProblem[];
  disabled: boolean;
  trans: TranslationBundle;
  onAddFiles: () => void;
}

export function Group(props: IGroupProps): React.JSX.Element {
  const { group, model, trans, disabled } = props;
  const several = model.draft.groups.length > 1;
  const heading = `${props.scope}-${group.id}-heading`;
  return (
    <section className="halftide-Group" aria-labelledby={heading}>
      <div className="halftide-Group-head">
        <h2 id={heading}>{several ? group.name.trim() || trans.__('Group') : trans.__('Files')}</h2>
        {several && (
          <button
            type="button"
            className="halftide-Link"
            disabled={disabled}
            aria-label={trans.__('Remove the group %1; its files move to another group', group.name)}
            onClick={() => model.update(draft => removeGroup(draft, group.id))}
          >
            {trans.__('Remove group')}
          </button>
        )}
      </div>
      {several && <Typed {...props} field="name" label={trans.__('Name of the group')} />}
      <Files {...props} />
      <Typed
        {...props}
        field="population"
        label={trans.__('Population')}
        hint={trans.__('Which people or records are these numbers about, and which were left out?')}
        lines={2}
      />
      <Typed
        {...props}
        field="variables"
        label={trans.__('Variables')}
        hint={trans.__('Which variables appear, and how were they made?')}
        lines={2}
      />
      <Typed
        {...props}
        field="records"
        label={trans.__('Number of records')}
        hint={trans.__('How many people or records the numbers rest on, for example “20,190 person-years of 5,908 people”.')}
      />
      <Typed
        {...props}
        field="controls"
        label={trans.__('Disclosure control applied')}
        hint={trans.__('What you did to protect people: small cells merged, counts rounded… If nothing was needed, say why.')}
        lines={2}
      />
    </section>
  );
}

function Files({ group, scope, model, problems, disabled, trans, onAddFiles }: IGroupProps): React.JSX.Element {
  const field = fieldOf(group, 'files');
  const problem = problems.find(problem => problem.field === field);
  return (
    <div id={`${scope}-${field}`} tabIndex={-1}>
      {group.paths.length === 0 ? (
        <p className="halftide-Empty">
          {trans.__('No files yet. Add the tables, figures or notebooks that should leave the workspace.')}
        </p>
      ) : (
        <ul className="halftide-Files">
          {group.paths.map(path => (
            <FileCard
              key={path}
              path={path}
              scope={scope}
              groupId={group.id}
              groups={model.draft.groups}
              model={model}
              disabled={disabled}
              trans={trans}
              onMove={target => model.update(draft => moveFile(draft, path, target))}
              onCheck={() => void model.checkFiles([path])}
              onRemove={() => model.update(draft => removeFile(draft, path))}
            />
          ))}
        </ul>
      )}
      {group.paths.length > 0 && (
        <p className="halftide-Files-note">
          {trans.__('This check looks at each file alone. When they arrive, they are also compared with the data.')}
        </p>
      )}
      <Problem id={`${scope}-${field}-problem`} problem={problem} trans={trans} />
      <button type="button" className="halftide-Button" disabled={disabled} onClick={onAddFiles}>
        {trans.__('Add files…')}
      </button>
    </div>
  );
}

interface ITypedProps extends IGroupProps {
  field: GroupField;
  label: string;
  hint?: string;
  lines?: number;
}

function Typed({ group, model, field, ...rest }: ITypedProps): React.JSX.Element {
  return (
    <Field
      {...rest}
      field={fieldOf(group, field)}
      value={group[field]}
      onChange={value => model.update(draft => setField(draft, group.id, field, value))}
    />
  );
}
