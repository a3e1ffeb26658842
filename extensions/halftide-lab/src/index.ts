/**
 * JupyterLab's side of Halftide: ask for a release, and follow what becomes of it.
 *
 * Everything here is for the person's comfort; what may leave is decided by the server and the portal.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Poll } from '@lumino/polling';
import { Widget } from '@lumino/widgets';
import { ReleaseServer } from './api';
import { Documents } from './documents';
import { Drafts, NEW_REQUEST } from './drafts';
import { Forms, refuseFolders } from './forms';
import { markIcon, requestIcon } from './icons';
import { RequestsModel } from './model/requests';
import { ShownModel } from './model/shown';
import { packages } from './packages';
import { ReleasesPanel } from './panel/widget';
import { ShownStatus, WorkspaceStatus } from './status';
import { CommandIDs, IReleases } from './tokens';
import { stateName } from './words';

const DOMAIN = 'halftide_lab';
const CALM_MS = 20_000;
const BUSY_MS = 3_000;
const SLOWEST_MS = 120_000;

const releases: JupyterFrontEndPlugin<IReleases> = {
  id: 'halftide-lab:releases',
  description: 'Keeps the list of requests for release up to date.',
  autoStart: true,
  provides: IReleases,
  requires: [IStateDB],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, state: IStateDB, translator: ITranslator | null): IReleases => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const server = new ReleaseServer(app.serviceManager.serverSettings, trans);
    const model = new RequestsModel(server);
    const drafts = new Drafts(state);
    const shown = new ShownModel(server);
    new Poll({
      name: 'halftide-lab:shown',
      auto: true,
      standby: 'when-hidden',
      frequency: { interval: CALM_MS, backoff: true, max: SLOWEST_MS },
      factory: () => shown.refresh()
    });
    const poll = new Poll({
      name: 'halftide-lab:requests',
      auto: true,
      standby: 'when-hidden',
      frequency: { interval: CALM_MS, backoff: true, max: SLOWEST_MS },
      factory: () => model.refresh()
    });
    model.changed.connect(() => {
      const interval = model.isBusy ? BUSY_MS : CALM_MS;
      if (poll.frequency.interval !== interval) {
        poll.frequency = { interval, backoff: true, max: SLOWEST_MS };
      }
    });
    model.moved.connect((_, { request }) => tell(app, request.number, stateName(request.state, trans), request.state_text, trans));
    const refresh = async () => {
      await poll.refresh();
      await poll.tick.catch(() => undefined);
    };
    return {
      server,
      model,
      drafts,
      shown,
      refresh,
      accepted: request => {
        model.learn(request);
        void refresh();
      }
    };
  }
};

const requests: JupyterFrontEndPlugin<void> = {
  id: 'halftide-lab:plugin',
  description: 'Adds the command “Request release” and its form.',
  autoStart: true,
  requires: [IReleases, IDocumentManager, IFileBrowserFactory],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    releases: IReleases,
    manager: IDocumentManager,
    browsers: IFileBrowserFactory,
    given: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const translator = given ?? nullTranslator;
    const trans = translator.load(DOMAIN);
    const documents = new Documents(app, manager, trans);
    const forms = new Forms({ app, releases, documents, manager, translator, trans });
    addRequestCommands(app, forms, documents, browsers, trans);
    addFormCommands(app, forms, trans);
    palette?.addItem({ command: CommandIDs.requestCurrent, category: trans.__('Releases') });
    void restorer?.restore(forms.tracker, {
      command: CommandIDs.openDraft,
      args: form => ({ key: form.content.key }),
      name: form => form.content.key
    });
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: 'halftide-lab:panel',
  description: 'Adds the side panel “Releases”.',
  autoStart: true,
  requires: [IReleases],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    releases: IReleases,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const widget = new ReleasesPanel({
      releases,
      commands: app.commands,
      trans,
      onWithdraw: (id, number) => withdraw(releases, id, number, trans)
    });
    app.shell.add(widget, 'right', { rank: 50, type: 'Releases' });
    restorer?.add(widget, widget.id);
    app.commands.addCommand(CommandIDs.show, {
      label: trans.__('Show My Releases'),
      describedBy: { args: null },
      execute: () => app.shell.activateById(widget.id)
    });
    palette?.addItem({ command: CommandIDs.show, category: trans.__('Releases') });
  }
};

const status: JupyterFrontEndPlugin<void> = {
  id: 'halftide-lab:status',
  description: 'Says in the status bar that this workspace is sealed, for which project, and how much was shown.',
  autoStart: true,
  requires: [IReleases, IStatusBar],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, releases: IReleases, bar: IStatusBar, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const item = new WorkspaceStatus(releases.model, trans, () => void app.commands.execute(CommandIDs.show));
    bar.registerStatusItem('halftide-lab:status', { item, align: 'left', rank: 0 });
    bar.registerStatusItem('halftide-lab:shown', { item: new ShownStatus(releases.shown, trans), align: 'right', rank: 0 });
  }
};

const logo: JupyterFrontEndPlugin<void> = {
  id: 'halftide-lab:logo',
  description: 'Puts our mark where JupyterLab has its own.',
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    const mark = new Widget();
    mark.id = 'jp-MainLogo';
    markIcon.element({ container: mark.node, elementPosition: 'center', margin: '2px 8px', width: '20px', height: 'auto' });
    app.shell.add(mark, 'top', { rank: 0 });
  }
};

function addRequestCommands(
  app: JupyterFrontEnd,
  forms: Forms,
  documents: Documents,
  browsers: IFileBrowserFactory,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.requestSelected, {
    label: trans.__('Request Release…'),
    caption: trans.__('Ask for the selected files to be checked and released'),
    icon: requestIcon,
    describedBy: { args: null },
    execute: async () => {
      const selected = [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
      refuseFolders(selected, trans);
      const files = selected.filter(item => item.type !== 'directory');
      if (files.length > 0) {
        await forms.request(files.map(item => documents.localPath(item.path)));
      }
    }
  });
  app.commands.addCommand(CommandIDs.requestCurrent, {
    label: args => (args.toolbar ? trans.__('Request release…') : trans.__('Request Release…')),
    caption: trans.__('Save this document, and ask for it to be checked and released'),
    icon: requestIcon,
    describedBy: { args: null },
    execute: async () => {
      const path = documents.currentPath();
      await forms.request(path === null ? [] : [path]);
    }
  });
}

function addFormCommands(app: JupyterFrontEnd, forms: Forms, trans: TranslationBundle): void {
  const textArg = (name: string) => ({
    args: { type: 'object' as const, required: [name], properties: { [name]: { type: 'string' as const } } }
  });
  app.commands.addCommand(CommandIDs.resubmit, {
    label: trans.__('Fix and Resubmit a Request'),
    describedBy: textArg('id'),
    isVisible: () => false,
    execute: async args => {
      await forms.resubmit(String(args.id));
    }
  });
  app.commands.addCommand(CommandIDs.openDraft, {
    label: trans.__('Continue a Request'),
    describedBy: textArg('key'),
    isVisible: () => false,
    execute: async args => {
      await forms.restore(String(args.key ?? NEW_REQUEST));
    }
  });
}

async function withdraw(releases: IReleases, id: string, number: number, trans: TranslationBundle): Promise<void> {
  const answer = await showDialog({
    title: trans.__('Withdraw request #%1?', number),
    body: trans.__('Nobody will look at it any further. Your files stay in the workspace; you can ask again later.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep it') }),
      Dialog.warnButton({ label: trans.__('Withdraw') })
    ]
  });
  if (!answer.button.accept) {
    return;
  }
  try {
    await releases.model.withdraw(id);
  } catch (error) {
    Notification.error(error instanceof Error ? error.message : String(error));
  }
}

function tell(app: JupyterFrontEnd, number: number, state: string, text: string, trans: TranslationBundle): void {
  Notification.info(trans.__('Request #%1: %2. %3', number, state, text), {
    autoClose: 10_000,
    actions: [
      {
        label: trans.__('Show'),
        callback: () => {
          void app.commands.execute(CommandIDs.show);
        }
      }
    ]
  });
}

export default [releases, requests, panel, status, logo, packages];
