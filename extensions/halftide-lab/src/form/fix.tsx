/** What Halftide would do to a file: asked for, shown before and after, and written beside the file once it is wanted. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { Badge } from '../findings';
import type { FormModel } from '../model/form';
import type { IFix, IFixTable } from '../model/wire';
import { verdictAhead } from '../words';

const CHANGES_SHOWN = 6;

interface IFixProps {
  path: string;
  scope: string;
  model: FormModel;
  disabled: boolean;
  trans: TranslationBundle;
}

export function FixCard(props: IFixProps): React.JSX.Element | null {
  const { path, model, disabled, trans } = props;
  const origin = model.madeFrom(path);
  const fix = model.fix(path);
  const mendable = model.check(path)?.result?.mendable ?? false;
  if (origin !== undefined) {
    return (
      <p className="halftide-Notice" role="status">
        {trans.__('Made from %1, which is unchanged and is no longer in this request.', origin)}{' '}
        <button type="button" className="halftide-Link" disabled={disabled} onClick={() => model.undoFix(path)}>
          {trans.__('Use %1 again', origin)}
        </button>
      </p>
    );
  }
  if (fix === undefined) {
    return mendable ? (
      <p>
        <button
          type="button"
          className="halftide-Button"
          disabled={disabled}
          aria-label={trans.__('Propose a fix for %1', path)}
          onClick={() => void model.proposeFix(path)}
        >
          {trans.__('Propose a fix')}
        </button>
      </p>
    ) : null;
  }
  return (
    <section className="halftide-Fix" aria-label={trans.__('Proposed fix for %1', path)} aria-busy={fix.running}>
      {fix.running && <Badge tone="busy">{trans.__('Working on a fix…')}</Badge>}
      {fix.failure !== '' && (
        <p className="halftide-Notice halftide-mod-review" role="alert">
          {fix.failure}
        </p>
      )}
      {fix.result && <Proposal {...props} fix={fix.result} running={fix.running} />}
      {!fix.running && !fix.result && (
        <button type="button" className="halftide-Link" onClick={() => model.dismissFix(path)}>
          {trans.__('Close')}
        </button>
      )}
    </section>
  );
}

function Proposal(props: IFixProps & { fix: IFix; running: boolean }): React.JSX.Element {
  const { path, model, disabled, trans, fix, running } = props;
  const heading = React.useRef<HTMLHeadingElement>(null);
  React.useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        {trans.__('Proposed fix')} <Badge tone={fix.verdict}>{verdictAhead(fix.verdict, trans)}</Badge>
      </h3>
      <ol className="halftide-Fix-steps">
        {fix.steps.map((step, index) => (
          <li key={index}>
            {step.words}
            <span className="halftide-Muted">
              {' '}
              {step.changes
                .slice(0, CHANGES_SHOWN)
                .map(change => (change.after === '' ? change.label : `${change.label}: ${change.before} → ${change.after}`))
                .join('; ')}
              {step.changes.length + step.more > CHANGES_SHOWN &&
                ' ' + trans.__('and %1 more', step.changes.length + step.more - CHANGES_SHOWN)}
            </span>
          </li>
        ))}
      </ol>
      {fix.tables.map((table, index) => (
        <SideBySide key={index} table={table} trans={trans} />
      ))}
      {fix.remains.length > 0 && (
        <div>
          <p>
            <strong>{trans.__('What remains:')}</strong>
          </p>
          <ul className="halftide-Dropped">
            {fix.remains.map((text, index) => (
              <li key={index}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="halftide-Actions">
        <button
          type="button"
          className="halftide-Button halftide-mod-primary"
          disabled={disabled || running}
          onClick={() => void model.acceptFix(path)}
        >
          {trans.__('Write %1 and use it', fix.name.split('/').pop() ?? fix.name)}
        </button>
        <button type="button" className="halftide-Button" disabled={running} onClick={() => model.dismissFix(path)}>
          {trans.__('Keep the file as it is')}
        </button>
        <span className="halftide-Muted">{trans.__('Your file stays as it is; the new one is written next to it.')}</span>
      </div>
    </>
  );
}

function SideBySide({ table, trans }: { table: IFixTable; trans: TranslationBundle }): React.JSX.Element {
  const { rows, columns } = table.left_out;
  const untouched = [
    rows > 0 ? trans._n('%1 row that is not shown stays as it is.', '%1 rows that are not shown stay as they are.', rows) : '',
    columns > 0
      ? trans._n('%1 column that is not shown stays as it is.', '%1 columns that are not shown stay as they are.', columns)
      : ''
  ].filter(text => text !== '');
  return (
    <div>
      <div className="halftide-Fix-pair">
        <Side caption={trans.__('Before')} cells={table.before} others={table.after} table={table} trans={trans} />
        <Side caption={trans.__('After')} cells={table.after} others={table.before} table={table} trans={trans} />
      </div>
      {untouched.length > 0 && <p className="halftide-Muted">{untouched.join(' ')}</p>}
    </div>
  );
}

interface ISideProps {
  caption: string;
  cells: readonly (readonly (string | null)[])[];
  others: readonly (readonly (string | null)[])[];
  table: IFixTable;
  trans: TranslationBundle;
}

function Side({ caption, cells, others, table, trans }: ISideProps): React.JSX.Element {
  return (
    <div className="halftide-Fix-side" tabIndex={0} role="region" aria-label={`${caption} ${table.name}`.trim()}>
      <table>
        <caption>{table.name === '' ? caption : `${caption}: ${table.name}`}</caption>
        <tbody>
          {cells.map((row, r) => (
            <tr key={r}>
              {row.map((text, c) => {
                const changed = text !== others[r][c];
                const Cell = r < table.header_rows ? 'th' : 'td';
                return (
                  <Cell key={c} className={changed ? 'halftide-mod-changed' : undefined}>
                    {text ?? <span className="halftide-Fix-gone">{trans.__('left out')}</span>}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
