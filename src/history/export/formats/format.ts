import type { RecordedEvent } from '../../../kernel/events';
import type { EventTexts } from '../log-line';

/** What a file of an export is made from: the text that was written event by event. */
export interface Staged {
  /** Path of the text. */
  readonly staged: string;
  /** Path of the file to make of it. */
  readonly file: string;
  /** Number of its events. */
  readonly events: number;
}

/**
 * A form in which events are exported. The text of each event depends on that event alone, and the finished file on that text alone,
 * so that an export which was cut short goes on and comes to the same bytes.
 */
export interface ExportFormat {
  readonly name: string;
  /** How its files end, without the dot. */
  readonly extension: string;
  /** One sentence for the help. */
  readonly meaning: string;
  /** Whether each event is one line of the finished file. */
  readonly hasLines: boolean;
  /** False: what it tells of an event may be in another file, so there is only one file. */
  readonly mayBePerDay: boolean;
  /** The text that each file begins with. */
  readonly head: string;
  /** The text of an event, with its line break. `line`: the event as NDJSON has it, without one; `texts`: the parts of it that are JSON. */
  text(event: RecordedEvent, line: string, texts: EventTexts): string;
  /**
   * Makes the file of the staged text, which stays as it is. It may be called again after it was cut short, and gives the same
   * bytes. null: the staged text is the file.
   */
  readonly finish: ((staged: Staged) => Promise<void>) | null;
}
