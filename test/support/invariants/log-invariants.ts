import { isSnapshotStream } from '#src/kernel/aggregate';
import type { RecordedEvent } from '#src/kernel/events';
import { comparePositions } from '#src/kernel/position';
import type { Findings } from './findings';
import { at, shopRegistry, type ShopEvent } from './shop-events';

/** Whether recorded time never goes back, or is what the clock of a server said, which may be set back. */
export type StoreClock = 'forward' | 'any';

/** Where a stream has come to, and the command whose events are being read. */
interface Stream {
  revision: number;
  command: string;
  /** What the command has said so far. */
  said: Set<string>;
  readonly commands: Set<string>;
}

/**
 * What holds for every log, whatever is sold: positions and recorded times in order, revisions without gaps, each event valid
 * and there once, and all events of a command on a stream from one append, none of which says what another one has said. So a
 * command that was applied twice shows.
 */
export function checkLog(log: readonly RecordedEvent[], found: Findings, clock: StoreClock = 'forward'): void {
  const streams = new Map<string, Stream>();
  const ids = new Set<string>();
  let previous: RecordedEvent | null = null;
  for (const event of log) {
    const where = at(event as unknown as ShopEvent);
    found.never(comparePositions(previous?.position ?? null, event.position) < 0, `${where} is out of order`);
    const isLater = (previous?.recordedAt ?? '') <= event.recordedAt;
    found.never(isLater || clock === 'any', `Recorded time goes back at ${where}`);
    previous = event;
    found.never(!ids.has(event.id), `${where} has the id of an earlier event`);
    ids.add(event.id);
    if (isSnapshotStream(event.stream)) continue;
    checkSchema(event, where, found);
    checkPlace(streams, event, where, found);
  }
}

function checkSchema({ type, data }: RecordedEvent, where: string, found: Findings): void {
  try {
    shopRegistry.assertValid(type, data);
  } catch (error) {
    found.never(false, `${where}: ${String(error)}`);
  }
}

function checkPlace(streams: Map<string, Stream>, event: RecordedEvent, where: string, found: Findings): void {
  const { revision, type, data } = event;
  const commandId = event.metadata['commandId'] as string;
  const stream = streams.get(event.stream) ?? {
    revision: -1,
    command: '',
    said: new Set<string>(),
    commands: new Set<string>(),
  };
  streams.set(event.stream, stream);
  found.never(revision === stream.revision + 1, `${where} comes after revision ${stream.revision}`);
  stream.revision = revision;
  if (commandId !== stream.command) {
    found.never(!stream.commands.has(commandId), `${where} is of a command that the stream had done before`);
    stream.commands.add(commandId);
    stream.command = commandId;
    stream.said = new Set();
  }
  const said = `${type} ${JSON.stringify(data)}`;
  found.never(!stream.said.has(said), `${where} says again what its command has said`);
  stream.said.add(said);
}
