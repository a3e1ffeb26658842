/** Opening request forms in the main area: one for a new request, one for each returned request. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, MainAreaWidget, Notification, ReactWidget, showDialog, WidgetTracker } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog } from '@jupyterlab/filebrowser';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import React from 'react';
import type { Documents } from './documents';
import { NEW_REQUEST } from './drafts';
import { RequestForm } from './form/form';
import { requestIcon } from './icons';
import type { IDraft } from './model/draft';
import { addFiles, allPaths, draftOf, emptyDraft, isTyped } from './model/draft';
import { FormModel } from './model/form';
import { CommandIDs, type IReleases } from './tokens';

interface IFormsOptions {
  app: JupyterFrontEnd;
  releases: IReleases;
  documents: Documents;
  manager: IDocumentManager;
  translator: ITranslator;
  trans: TranslationBundle;
}

export class FormPanel extends ReactWidget {
  constructor(
    readonly key: string,
    readonly model: FormModel,
    private readonly draw: (scope: string) => React.JSX.Element
  ) {
    super();
    this.addClass('halftide-FormPanel');
    this.node.tabIndex = -1;
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return this.draw(this.id);
  }

  protected override onActivateRequest(_: Message): void {
    const first = this.node.querySelector<HTMLElement>('input:not([readonly])');
    (this.node.contains(document.activeElement) ? null : (first ?? this.node))?.focus();
  }
}

export class Forms {
  constructor(private readonly options: IFormsOptions) {
    options.app.serviceManager.contents.fileChanged.connect((_, change) => {
      const path = change.type === 'save' ? change.newValue?.path : undefined;
      if (path !== undefined) {
        this.recheck(options.documents.localPath(path));
      }
    });
  }

  readonly tracker = new WidgetTracker<MainAreaWidget<FormPanel>>({ namespace: 'halftide-lab' });

  /** Open the form of a new request, or add these files to the one that is being written. */
  async request(paths: readonly string[]): Promise<void> {
    const { documents, trans } = this.options;
    try {
      await documents.saveOpen(paths);
    } catch (error) {
      Notification.warning(error instanceof Error ? error.message : String(error));
      return;
    }
    await this.options.releases.drafts.ready;
    const kept = this.options.releases.drafts.kept.get(NEW_REQUEST);
    const form = this.open(NEW_REQUEST, () => addFiles(kept ?? emptyDraft(UUID.uuid4), paths));
    const model = form.content.model;
    const missing = paths.filter(path => !allPaths(model.draft).includes(path));
    if (missing.length > 0) {
      model.update(draft => addFiles(draft, paths));
    }
    if (kept && isTyped(kept) && paths.length > 0) {
      Notification.info(trans.__('Added to the request you have not sent yet.'), { autoClose: 4000 });
    }
  }

  /** Open the form of a returned request, filled with what was sent, or with what was typed since. */
  async resubmit(id: string): Promise<void> {
    const kept = this.options.releases.drafts.kept.get(id);
    if (kept) {
      this.open(id, () => kept);
      return;
    }
    try {
      const request = await this.options.releases.model.fetch(id);
      this.open(id, () => draftOf(request, UUID.uuid4));
    } catch (error) {
      Notification.error(error instanceof Error ? error.message : String(error));
    }
  }

  /** Open the form of a draft that is kept; does nothing when there is none. */
  async restore(key: string): Promise<void> {
    await this.options.releases.drafts.ready;
    const kept = this.options.releases.drafts.kept.get(key);
    if (kept) {
      this.open(key, () => kept);
    }
  }

  private recheck(path: string): void {
    this.tracker.forEach(form => {
      const model = form.content.model;
      if (model.phase === 'editing' && allPaths(model.draft).includes(path)) {
        void model.checkFiles([path]);
      }
    });
  }

  private open(key: string, draft: () => IDraft): MainAreaWidget<FormPanel> {
    const { app } = this.options;
    const sent = this.tracker.find(form => form.content.key === key && form.content.model.phase === 'sent');
    sent?.dispose();
    const form = this.tracker.find(form => form.content.key === key) ?? this.create(key, draft());
    if (!form.isAttached) {
      app.shell.add(form, 'main');
    }
    app.shell.activateById(form.id);
    return form;
  }

  private create(key: string, draft: IDraft): MainAreaWidget<FormPanel> {
    const { app, releases, documents, trans } = this.options;
    const store = releases.drafts.store(key);
    const model = new FormModel({
      draft,
      server: releases.server,
      store,
      newId: UUID.uuid4,
      policy: releases.model.status?.policy ?? null,
      saveOpen: paths => documents.saveOpen(paths)
    });
    void store.save(draft).catch(reason => console.warn('The draft could not be kept', reason));
    model.accepted.connect((_, request) => releases.accepted(request));
    const panel = new FormPanel(key, model, scope => (
      <RequestForm
        model={model}
        scope={scope}
        trans={trans}
        projectTitle={releases.model.status?.title ?? ''}
        pickFiles={() => this.pickFiles()}
        addTo={(groupId, paths) => model.update(current => addFiles(current, paths, groupId))}
        onShowReleases={() => void app.commands.execute(CommandIDs.show)}
        onDiscard={() => void this.discard(form)}
      />
    ));
    const form = new MainAreaWidget({ content: panel });
    form.id = `halftide-lab-form-${key}`;
    form.content.id = `${form.id}-content`;
    form.title.label = draft.replaces ? trans.__('Resubmit #%1', draft.replaces.number) : trans.__('Request release');
    form.title.icon = requestIcon;
    form.title.closable = true;
    form.toolbar.hide();
    void this.tracker.add(form);
    return form;
  }

  private async discard(form: MainAreaWidget<FormPanel>): Promise<void> {
    const { trans } = this.options;
    const model = form.content.model;
    if (isTyped(model.draft)) {
      const answer = await showDialog({
        title: trans.__('Discard this request?'),
        body: trans.__('What you typed is deleted. The files stay in your workspace, and nothing was sent.'),
        buttons: [
          Dialog.cancelButton({ label: trans.__('Keep it') }),
          Dialog.warnButton({ label: trans.__('Discard') })
        ]
      });
      if (!answer.button.accept) {
        return;
      }
    }
    await model.forget();
    form.dispose();
  }

  private async pickFiles(): Promise<string[]> {
    const { manager, translator, trans, documents } = this.options;
    const answer = await FileDialog.getOpenFiles({ manager, translator, title: trans.__('Add files to the request') });
    const chosen = answer.button.accept ? (answer.value ?? []) : [];
    refuseFolders(chosen, trans);
    return chosen.filter(item => item.type !== 'directory').map(item => documents.localPath(item.path));
  }
}

/** Say which of the chosen things are folders, and what to do instead. */
export function refuseFolders(chosen: readonly { path: string; type: string }[], trans: TranslationBundle): void {
  const folders = chosen.filter(item => item.type === 'directory').map(item => item.path || '/');
  if (folders.length > 0) {
    Notification.warning(
      trans._n(
        '%2 is a folder. A checker looks at every file by itself, so open the folder and choose the files.',
        'These are folders: %2. A checker looks at every file by itself, so open them and choose the files.',
        folders.length,
        folders.join(', ')
      ),
      { autoClose: 8000 }
    );
  }
}
