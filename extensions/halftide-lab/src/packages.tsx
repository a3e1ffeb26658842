/** Packages: a notice when one was refused, with one click to ask for it, and a dialog that shows what became of it. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, ReactWidget, showDialog } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Poll } from '@lumino/polling';
import React from 'react';
import type { IPackage, IPackages, IQuestion, IRefusal } from './model/packages';
import { KINDS, Refusals, stateWords } from './model/packages';

export const COMMAND = 'halftide-lab:packages';
const LOOK_MS = 4_000;
const SLOWEST_MS = 60_000;

class PackageServer {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  refused(): Promise<{ refused: IRefusal[] }> {
    return this.ask('packages/refused');
  }

  packages(): Promise<IPackages> {
    return this.ask('packages');
  }

  want(question: IQuestion): Promise<IPackage> {
    return this.ask('packages', question);
  }

  private async ask<T>(what: string, body?: unknown): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'halftide', what);
    const init: RequestInit = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    const answer = (await response.json()) as T & { message?: string };
    if (!response.ok) {
      throw new Error(answer.message ?? response.statusText);
    }
    return answer;
  }
}

export const packages: JupyterFrontEndPlugin<void> = {
  id: 'halftide-lab:packages',
  description: 'Tells of packages that were refused, and asks for them.',
  autoStart: true,
  optional: [ITranslator, ICommandPalette],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null, palette: ICommandPalette | null): void => {
    const trans = (translator ?? nullTranslator).load('halftide_lab');
    const server = new PackageServer(app.serviceManager.serverSettings);
    const refusals = new Refusals();
    new Poll({
      name: 'halftide-lab:refused-packages',
      auto: true,
      standby: 'when-hidden',
      frequency: { interval: LOOK_MS, backoff: true, max: SLOWEST_MS },
      factory: async () => {
        refusals.fresh((await server.refused()).refused).forEach(refusal => notify(server, refusal, trans));
      }
    });
    app.commands.addCommand(COMMAND, {
      label: trans.__('Packages…'),
      caption: trans.__('What can be installed in this workspace, and asking for more'),
      describedBy: { args: null },
      execute: async () => {
        await showDialog({
          title: trans.__('Packages'),
          body: new PackagesBody(server, trans),
          buttons: [Dialog.okButton({ label: trans.__('Close') })]
        });
      }
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Packages') });
  }
};

function notify(server: PackageServer, refusal: IRefusal, trans: TranslationBundle): void {
  Notification.warning(refusal.text, {
    autoClose: false,
    actions: [
      {
        label: trans.__('Ask for this package'),
        displayType: 'accent',
        callback: () => void want(server, { kind: refusal.kind, name: refusal.name }, trans)
      }
    ]
  });
}

async function want(server: PackageServer, question: IQuestion, trans: TranslationBundle): Promise<void> {
  try {
    const asked = await server.want(question);
    Notification.success(trans.__('“%1” was asked for. An administrator decides.', asked.name), { autoClose: 8_000 });
  } catch (error) {
    Notification.error(error instanceof Error ? error.message : String(error));
  }
}

class PackagesBody extends ReactWidget {
  constructor(
    private readonly server: PackageServer,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('halftide-Packages');
  }

  protected override render(): React.JSX.Element {
    return <PackagesView server={this.server} trans={this.trans} />;
  }
}

function PackagesView({ server, trans }: { server: PackageServer; trans: TranslationBundle }): React.JSX.Element {
  const [told, setTold] = React.useState<IPackages | null>(null);
  const [trouble, setTrouble] = React.useState('');
  const [question, setQuestion] = React.useState<IQuestion>({ kind: 'python', name: '' });
  const look = React.useCallback(async () => {
    try {
      setTold(await server.packages());
      setTrouble('');
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  }, [server]);
  React.useEffect(() => void look(), [look]);
  const send = async (event: React.FormEvent) => {
    event.preventDefault();
    try {
      await server.want(question);
      setQuestion({ ...question, name: '' });
      await look();
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <form onSubmit={event => void send(event)}>
        <label>
          {trans.__('Kind')}
          <select value={question.kind} onChange={event => setQuestion({ ...question, kind: event.target.value })}>
            {KINDS.map(([kind, word]) => (
              <option key={kind} value={kind}>
                {word}
              </option>
            ))}
          </select>
        </label>
        <label>
          {trans.__('Package')}
          <input
            required
            maxLength={100}
            value={question.name}
            onChange={event => setQuestion({ ...question, name: event.target.value })}
          />
        </label>
        <button type="submit" className="halftide-Button halftide-mod-primary">
          {trans.__('Ask for this package')}
        </button>
      </form>
      {trouble && <p role="alert">{trouble}</p>}
      {told?.mirrors.length === 0 && (
        <p role="status">{trans.__('This site has no mirror, so no package can be installed from inside yet.')}</p>
      )}
      {told && told.packages.length === 0 && <p>{trans.__('Nothing is on the list yet.')}</p>}
      <ul aria-label={trans.__('Packages')}>
        {told?.packages.map(one => (
          <li key={one.id}>
            <strong>{one.name}</strong> {one.versions} · {stateWords(one.state, trans)}
            {one.state === 'refused' && one.decision ? `: ${one.decision}` : ''}
          </li>
        ))}
      </ul>
    </>
  );
}
