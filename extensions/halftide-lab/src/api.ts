/**
 * The only module that talks to the server: JSON to and from `halftide/...`, with every failure as a sentence.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICorrection } from './model/corrections';
import type { IFix, IPreflight, IRequestDetail, IRequestSummary, IShown, IStatus, ISubmission } from './model/wire';

/** What the models need of the server; tests hand in their own. */
export interface IReleaseServer {
  status(): Promise<IStatus>;
  preflight(path: string, corrections: readonly ICorrection[]): Promise<IPreflight>;
  proposeFix(path: string): Promise<IFix>;
  writeFix(path: string, sha256: string): Promise<string>;
  requests(): Promise<IRequestSummary[]>;
  request(id: string): Promise<IRequestDetail>;
  submit(submission: ISubmission): Promise<IRequestDetail>;
  withdraw(id: string): Promise<IRequestDetail>;
}

export class ReleaseServer implements IReleaseServer {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly trans: TranslationBundle
  ) {}

  shown(): Promise<IShown> {
    return this.ask<IShown>('shown');
  }

  status(): Promise<IStatus> {
    return this.ask<IStatus>('status');
  }

  async preflight(path: string, corrections: readonly ICorrection[]): Promise<IPreflight> {
    type Answer = { files: Omit<IPreflight, 'trouble'>[]; trouble: string };
    const answer = await this.ask<Answer>('preflight', { paths: [path], corrections });
    return { ...answer.files[0], trouble: answer.trouble };
  }

  proposeFix(path: string): Promise<IFix> {
    return this.ask<IFix>('fix', { path });
  }

  async writeFix(path: string, sha256: string): Promise<string> {
    return (await this.ask<{ path: string }>('fix/accept', { path, sha256 })).path;
  }

  async requests(): Promise<IRequestSummary[]> {
    return (await this.ask<{ requests: IRequestSummary[] }>('requests')).requests;
  }

  request(id: string): Promise<IRequestDetail> {
    return this.ask<IRequestDetail>(`requests/${encodeURIComponent(id)}`);
  }

  submit(submission: ISubmission): Promise<IRequestDetail> {
    return this.ask<IRequestDetail>('requests', submission);
  }

  withdraw(id: string): Promise<IRequestDetail> {
    return this.ask<IRequestDetail>(`requests/${encodeURIComponent(id)}/withdraw`, {});
  }

  private async ask<T>(what: string, body?: unknown): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'halftide', what);
    const init: RequestInit = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch {
      throw new Error(
        this.trans.__(
          'Your workspace does not answer. Check your network connection, and try again; if that does not help, restart the workspace from the hub’s page. Nothing you typed is lost.'
        )
      );
    }
    if (!response.ok) {
      throw new Error(await this.reason(response));
    }
    return (await response.json()) as T;
  }

  private async reason(response: Response): Promise<string> {
    try {
      const said = (await response.json()) as { message?: unknown };
      if (typeof said.message === 'string' && said.message !== '') {
        return said.message;
      }
    } catch {
      // not JSON: the text below says what is known
    }
    return this.trans.__(
      'Your workspace refused this (%1 %2). Reload the page; if it happens again, tell your administrator these words.',
      response.status,
      response.statusText
    );
  }
}
