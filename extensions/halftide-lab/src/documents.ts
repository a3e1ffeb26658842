/** Open documents: which file is in front, and saving what is about to be sent. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';

export class Documents {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly manager: IDocumentManager,
    private readonly trans: TranslationBundle
  ) {}

  /** The path of the document in front; null when it is no document. */
  currentPath(): string | null {
    const widget = this.app.shell.currentWidget;
    const path = widget ? this.manager.contextForWidget(widget)?.path : undefined;
    return path === undefined ? null : this.localPath(path);
  }

  localPath(path: string): string {
    return this.app.serviceManager.contents.localPath(path);
  }

  /** Save the open documents among these paths that have unsaved changes. Rejects and names the one that can't be. */
  async saveOpen(paths: readonly string[]): Promise<void> {
    const wanted = new Set(paths);
    for (const widget of this.app.shell.widgets('main')) {
      const context = this.manager.contextForWidget(widget);
      if (!context || !wanted.has(this.localPath(context.path)) || !context.model.dirty) {
        continue;
      }
      await context.save().catch(() => undefined);
      if (context.model.dirty) {
        throw new Error(
          this.trans.__(
            '%1 has changes that could not be saved, so the request would not hold what you see. Save it, then try again.',
            PathExt.basename(context.path)
          )
        );
      }
    }
  }
}
