import type { EventMetadata } from '../events';
import type { JsonObject } from '../json';
import { CommandTable, type FoundCommand } from './command-table';

const HOUR_MS = 60 * 60 * 1000;
/** So long whoever is not a process may send a command again. */
const MEMORY_MS = 48 * HOUR_MS;
/** Longer than clocks of processes may differ: a late command is refused by the clock of who does it. */
const CLOCKS_DIFFER_MS = HOUR_MS;
/** For how long the first release let its commands have an effect, at most. It did not store until when. */
const FIRST_RELEASE_MS = 366 * 24 * HOUR_MS;

/**
 * The commands that a stream remembers, folded from the metadata of its events and from nothing else, so that every replay
 * remembers the same: those of clients and machines for 48 hours, those of processes until their `notAfter`.
 *
 * What time it is, is what two commands in a row agree on: the later of the two is never believed alone, so one command under a clock
 * that was days ahead makes the stream forget nothing. And of an event it is the earlier of when it occurred and when it was recorded:
 * where recorded times never go back, all that come after such a command are recorded as late as it, but did not occur so late. The
 * other way round a command counts as done when it occurred, unless that is before what was agreed on: then its clock was behind, and
 * the latest of these holds. So each is remembered for at least its time, by any clock that is right, and hardly longer.
 */
export class CommandWindow {
  constructor(
    private readonly table = new CommandTable(),
    /** What two commands in a row agreed on, in milliseconds since 1970. */
    private agreed = -Infinity,
    /** The newest command, and the earlier of its times. */
    private newest = { commandId: '', time: -Infinity },
  ) {}

  /** About how many bytes of memory it takes. */
  get bytes(): number {
    return this.table.bytes;
  }

  find(commandId: string): FoundCommand | undefined {
    return this.table.find(commandId, this.agreed);
  }

  /** `recordedAt`: milliseconds since 1970. */
  fold(revision: number, recordedAt: number, metadata: EventMetadata): void {
    const { commandId, payloadHash } = metadata;
    const occurredAt = Date.parse(metadata.occurredAt) || recordedAt;
    // The events of one command have one clock.
    if (commandId !== this.newest.commandId) {
      const time = Math.min(recordedAt, occurredAt);
      this.agreed = Math.max(this.agreed, Math.min(this.newest.time, time));
      this.newest = { commandId, time };
    }
    const mayBeBehind = this.agreed === -Infinity || occurredAt < this.agreed;
    const doneAt = mayBeBehind ? Math.max(recordedAt, occurredAt, this.agreed) : occurredAt;
    this.table.put({ commandId, revision, payloadHash, until: untilOf(metadata, doneAt) }, this.agreed);
  }

  /** What it is now; it does not change with the window. */
  toJson(): JsonObject {
    const { agreed, newest, table } = this;
    const { commandId, time } = newest;
    const commands = table.toPieces(agreed).map((piece) => piece.toString('base64'));
    return { agreed: finite(agreed), newest: { commandId, time: finite(time) }, commands };
  }

  /** @throws TypeError when it is none */
  static fromJson(json: JsonObject): CommandWindow {
    if ('clients' in json) return ofFirstRelease(json as unknown as FirstWindow);
    const { agreed, newest, commands } = json as unknown as StoredWindow;
    const pieces = [commands].flat().map((piece) => Buffer.from(piece, 'base64'));
    const table = CommandTable.fromBytes(Buffer.concat(pieces));
    const { commandId, time } = newest;
    return new CommandWindow(table, agreed ?? -Infinity, { commandId, time: time ?? -Infinity });
  }
}

const untilOf = ({ actor, notAfter }: EventMetadata, doneAt: number): number => {
  if (actor.kind !== 'process') return doneAt + MEMORY_MS;
  return notAfter === undefined ? doneAt + FIRST_RELEASE_MS : Date.parse(notAfter) + CLOCKS_DIFFER_MS;
};

interface StoredWindow {
  readonly agreed: number | null;
  readonly newest: { readonly commandId: string; readonly time: number | null };
  /** Base64 of the table's bytes, in pieces; earlier in one. */
  readonly commands: readonly string[] | string;
}

const finite = (ms: number): number | null => (ms === -Infinity ? null : ms);

/** As snapshots of the first release hold it. */
interface FirstWindow {
  readonly clients: readonly FirstRow[];
  readonly processes: readonly FirstRow[];
}

type FirstRow = readonly [commandId: string, revision: number, payloadHash: string, recordedAt: number];

function ofFirstRelease({ clients, processes }: FirstWindow): CommandWindow {
  const table = new CommandTable();
  const take = (rows: readonly FirstRow[], memory: number) => {
    for (const [commandId, revision, payloadHash, recordedAt] of rows)
      table.put({ commandId, revision, payloadHash, until: recordedAt + memory }, -Infinity);
  };
  take(clients, MEMORY_MS);
  take(processes, FIRST_RELEASE_MS);
  return new CommandWindow(table);
}
