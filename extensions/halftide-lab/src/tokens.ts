/** What our plugins hand to each other. */
import { Token } from '@lumino/coreutils';
import type { IReleaseServer } from './api';
import type { Drafts } from './drafts';
import type { RequestsModel } from './model/requests';
import type { ShownModel } from './model/shown';
import type { IRequestDetail } from './model/wire';

export interface IReleases {
  readonly server: IReleaseServer;
  readonly model: RequestsModel;
  readonly drafts: Drafts;
  readonly shown: ShownModel;
  /** Ask for the list now, instead of at the next poll. */
  refresh(): Promise<void>;
  /** Take in a request that the portal has just accepted. */
  accepted(request: IRequestDetail): void;
}

export const IReleases = new Token<IReleases>(
  'halftide-lab:IReleases',
  'The requests for release of this workspace, and the drafts of new ones'
);

export const CommandIDs = {
  requestSelected: 'halftide-lab:request-selected',
  requestCurrent: 'halftide-lab:request-current',
  openDraft: 'halftide-lab:open-draft',
  resubmit: 'halftide-lab:resubmit',
  show: 'halftide-lab:show-releases'
} as const;
