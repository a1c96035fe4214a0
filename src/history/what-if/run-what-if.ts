import { partsOf } from '../../kernel/aggregate';
import type { RecordedEvent } from '../../kernel/events';
import { type Position, stampOf } from '../../kernel/position';
import { skipStreamOf } from '../../kernel/read-models/skips';
import type { SkipEvent } from '../../kernel/read-models/skips.events';
import { allProjections } from '#src/contexts';
import { type Stretch, stretchPages } from '../export/stretch';
import type { HistorySource } from '../source';
import { NoCandidate, type Counts, type Finding, type FromSandbox, type OpenMessage, type Wanted } from './messages';
import { Sandbox, type SandboxOptions } from './sandbox';

export interface WhatIfOptions extends SandboxOptions {
  /** Absolute path of the candidate. */
  readonly file: string;
  /** What is reported; everything before it is folded all the same. */
  readonly stretch: Stretch;
  /** So many events were read. */
  readonly onProgress: (events: number) => void;
  /** In the order of the log, documents last; resolves when it may go on. */
  readonly onFound: (findings: readonly Finding[]) => Promise<void>;
}

export interface WhatIf extends Counts {
  /** The last event that was looked at; null: there was none. */
  readonly asOf: { readonly position: string; readonly recordedAt: string } | null;
  /** How many events were read. */
  readonly events: number;
}

/** So many pages of the log are under way to the sandbox at once. */
const PAGES_AHEAD = 3;

/**
 * Tries a candidate on history, which is only read.
 * @throws NoCandidate when the module is none
 * @throws Error with one sentence, when its process fails
 */
export async function runWhatIf(source: HistorySource, options: WhatIfOptions): Promise<WhatIf> {
  const { file, stretch } = options;
  const skips = await skipsIn(source);
  const sandbox = new Sandbox({ file, after: stretch.after && stampOf(stretch.after), skips }, options);
  try {
    return await new Run(source, sandbox, options).run(stretch.upTo);
  } finally {
    await sandbox.close();
  }
}

/** What operators have left out of documents. */
async function skipsIn({ store, registry }: HistorySource): Promise<OpenMessage['skips']> {
  const skips = allProjections.map(async ({ name }) => {
    const events = await store.readStream(skipStreamOf(name));
    const left = events.map((event) => registry.decode(event).data as SkipEvent['data']);
    return [name, left.map(({ key, eventId }) => [key, eventId] as const)] as const;
  });
  return Object.fromEntries(await Promise.all(skips));
}

/** One conversation with the process that tries the candidate. */
class Run {
  private events = 0;
  private newest: RecordedEvent | null = null;
  /** Pages that it has not answered yet. */
  private ahead = 0;

  constructor(
    private readonly source: HistorySource,
    private readonly sandbox: Sandbox,
    private readonly options: WhatIfOptions,
  ) {}

  async run(upTo: Position | null): Promise<WhatIf> {
    const first = await this.next();
    if (!('wants' in first)) throw unexpected(first);
    const isWanted = wantedIn(first.wants);
    for await (const page of stretchPages(this.source.store, { after: null, upTo })) {
      const events = page.filter(isWanted);
      if (events.length > 0) await this.send(events);
      this.events += page.length;
      this.newest = page.at(-1) ?? this.newest;
      this.options.onProgress(this.events);
    }
    while (this.ahead > 0) await this.take();
    const counts = await this.end();
    const asOf = this.newest && { position: stampOf(this.newest.position), recordedAt: this.newest.recordedAt };
    return { asOf, events: this.events, ...counts };
  }

  private async send(events: readonly RecordedEvent[]): Promise<void> {
    while (this.ahead >= PAGES_AHEAD) await this.take();
    this.sandbox.tell({ events });
    this.ahead++;
  }

  private async take(): Promise<void> {
    const message = await this.next();
    if (!('found' in message)) throw unexpected(message);
    if (message.isPage) this.ahead--;
    if (message.found.length > 0) await this.options.onFound(message.found);
  }

  private async end(): Promise<Counts> {
    this.sandbox.tell({ end: true });
    for (;;) {
      const message = await this.next();
      if ('counts' in message) return message.counts;
      if (!('found' in message)) throw unexpected(message);
      await this.options.onFound(message.found);
    }
  }

  private async next(): Promise<FromSandbox> {
    const message = await this.sandbox.answer();
    if ('noCandidate' in message) throw new NoCandidate(message.noCandidate);
    if ('failed' in message) throw new Error(message.failed);
    return message;
  }
}

function wantedIn({ types, aggregates }: Wanted): (event: RecordedEvent) => boolean {
  const [wantedTypes, wantedAggregates] = [new Set(types), new Set(aggregates)];
  return ({ type, stream }) => wantedTypes.has(type) || wantedAggregates.has(partsOf(stream).aggregate);
}

const unexpected = (message: FromSandbox): Error =>
  new Error(`The process that tries the candidate said ${Object.keys(message).join(', ')} out of turn.`);
