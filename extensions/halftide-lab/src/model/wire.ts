/**
 * The shapes that the server extension sends and takes. They are what the portal's API says, passed through.
 */
import type { ICorrection } from './corrections';

export type Verdict = 'pass' | 'review' | 'fail';
export type Severity = 'note' | 'review' | 'fail';

export interface IWhere {
  part: number;
  row: number | null;
  column: number | null;
  label: string;
  value: string;
}

export interface IFinding {
  rule: string;
  severity: Severity;
  where: IWhere[];
  message: string;
  remedy: string;
}

export interface IDropped {
  what: string;
  where: string;
  detail: string;
  size: number;
}

/** What the check in the workspace says about one file before it is sent. */
export interface IPreflight {
  path: string;
  kind: string;
  size: number;
  verdict: Verdict | null;
  findings: IFinding[];
  dropped: IDropped[];
  /** Why the file could not be read; a checker looks at such a file by eye, or not at all. */
  problem: string;
  /** Whether the file can't be sent as it is (a folder, a link, too large, gone). */
  refused: boolean;
  /** Why the project's own rules could not be asked, so that the usual ones were used; empty when all is well. */
  trouble: string;
  /** Whether Halftide may be able to mend it. */
  mendable: boolean;
}

/** What Halftide would do to a file, step by step and before and after. Nothing of it is written yet. */
export interface IFix {
  path: string;
  /** Digest of the bytes that the proposal is about. */
  sha256: string;
  /** The path that the new file would have. */
  name: string;
  verdict: Verdict;
  answered: string[];
  remains: string[];
  steps: { words: string; rules: string[]; changes: { label: string; before: string; after: string }[]; more: number }[];
  tables: IFixTable[];
}

/** A table before and after; null stands for what is left out. */
export interface IFixTable {
  name: string;
  header_rows: number;
  left_out: { rows: number; columns: number };
  before: string[][];
  after: (string | null)[][];
}

export interface IStatus {
  project: string;
  title: string;
  portal_url: string;
  policy: IPolicySummary | null;
  /** Why the policy is missing, in words; empty when all is well. */
  trouble: string;
}

export interface IPolicySummary {
  name: string;
  threshold: number;
  max_file_bytes: number;
  max_request_files: number;
  approvals: number;
}

export interface IRequestSummary {
  id: string;
  number: number;
  title: string;
  state: string;
  state_text: string;
  round: number;
  submitted_at: string;
  updated_at: string;
  url: string;
  outputs: number;
  findings: { fail: number; review: number; note: number };
}

export interface IRequestOutput {
  id: string;
  path: string;
  sha256: string;
  canonical_sha256: string;
  kind: string;
  verdict: Verdict | null;
  findings: IFinding[];
  dropped: IDropped[];
}

export interface IRequestGroup {
  name: string;
  context: string;
  controls: string;
  outputs: IRequestOutput[];
}

export interface IMessage {
  at: string;
  from: string;
  text: string;
  kind: 'return' | 'reject' | 'comment';
}

export interface IRequestDetail extends IRequestSummary {
  groups: IRequestGroup[];
  messages: IMessage[];
  released_at: string | null;
  download_url: string | null;
}

/** How much the browser was shown, in bytes; `left` is what may be shown at once and grows by `per_minute` up to `burst`. */
export interface IShown {
  today: number;
  per_day: number;
  left: number;
  burst: number;
  per_minute: number;
}

/** What is sent to ask for a release. */
export interface ISubmission {
  client_id: string;
  title: string;
  groups: { name: string; context: string; controls: string; paths: string[] }[];
  corrections: ICorrection[];
  replaces: string | null;
}
