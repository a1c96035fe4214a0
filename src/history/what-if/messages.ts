import type { RecordedEvent } from '../../kernel/events';
import type { DecisionCounts } from './decision-walk';
import type { DecisionFinding } from './decision-finding';
import type { DocumentCounts, DocumentFinding } from './projection-walk';

/** First message to the process that tries a candidate. */
export interface OpenMessage {
  /** Absolute path of the candidate. */
  readonly file: string;
  /** Stamp of the position after which differences are reported; null: from the beginning. */
  readonly after: string | null;
  /** What operators have left out of documents, as `[key, event id]`, by the names of projections. */
  readonly skips: Readonly<Record<string, readonly (readonly [key: string, eventId: string])[]>>;
}

/** Then the log, page by page, and its end. */
export type LogMessage = { readonly events: readonly RecordedEvent[] } | { readonly end: true };

/** What events the candidate is concerned with. */
export interface Wanted {
  readonly types: readonly string[];
  readonly aggregates: readonly string[];
}

export type Finding =
  ({ readonly what: 'decision' } & DecisionFinding) | ({ readonly what: 'document' } & DocumentFinding);

export interface Counts {
  readonly decisions: readonly DecisionCounts[];
  readonly projections: readonly DocumentCounts[];
}

/**
 * What that process answers: what it wants; then what it finds, and with each page's last findings that the page is done; at the end
 * more findings, and the counts.
 */
export type FromSandbox =
  | { readonly wants: Wanted }
  | { readonly found: readonly Finding[]; readonly isPage?: true }
  | { readonly counts: Counts }
  | { readonly noCandidate: string }
  | { readonly failed: string };

/** A module is none that could be tried; the message is one plain sentence. */
export class NoCandidate extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoCandidate';
  }
}
