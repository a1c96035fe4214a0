import fc from 'fast-check';
import type { Actor, EventMetadata } from '#src/kernel/events';
import type { Json } from '#src/kernel/json';
import { deriveId, newId } from '#src/kernel/ids';
import { CommandTable } from '#src/kernel/write-path/command-table';
import { CommandWindow } from '#src/kernel/write-path/command-window';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2026-11-30T12:00:00Z');

/** One stream's events, in the order in which they were stored. */
class Stream {
  readonly window = new CommandWindow();
  private revision = -1;

  /** An event of a command; `occurred` and `recorded` in milliseconds after noon. */
  event(occurred: number, recorded = occurred, more: Partial<EventMetadata> = {}): string {
    const commandId = more.commandId ?? newId();
    this.window.fold(++this.revision, NOON + recorded, {
      v: 1,
      commandId,
      payloadHash: 'hash',
      correlationId: commandId,
      causationId: commandId,
      actor: { kind: 'guest', id: 'gus' },
      occurredAt: new Date(NOON + occurred).toISOString(),
      ...more,
    });
    return commandId;
  }
  by(kind: Actor['kind'], occurred: number, notAfter?: number): string {
    const until = notAfter === undefined ? {} : { notAfter: new Date(NOON + notAfter).toISOString() };
    return this.event(occurred, occurred, { actor: { kind, id: kind }, ...until });
  }
  knows(commandId: string): boolean {
    const known = this.window.find(commandId) !== undefined;
    // The same from a snapshot.
    expect(CommandWindow.fromJson(this.window.toJson()).find(commandId) !== undefined).toBe(known);
    return known;
  }
}

let stream: Stream;
beforeEach(() => (stream = new Stream()));

describe('a command is remembered', () => {
  it.each(['account', 'guest', 'key', 'carrier', 'gateway', 'system'] as const)('for 48 hours: of %s', (kind) => {
    const id = stream.by(kind, 0);
    for (let hour = 1; hour <= 48; hour++) stream.event(hour * HOUR);
    expect(stream.knows(id)).toBe(true);
    for (let hour = 49; hour <= 51; hour++) stream.event(hour * HOUR);
    expect(stream.knows(id)).toBe(false);
  });

  it('until its notAfter, of a process, however many others come', () => {
    const soon = stream.by('process', 0, 15 * 60 * 1000);
    const late = stream.by('process', 0, 365 * DAY);
    for (let n = 0; n < 2_500; n++) stream.by('process', n * 100, n * 100 + 15 * 60 * 1000);
    expect([stream.knows(soon), stream.knows(late)]).toEqual([true, true]);
    for (let day = 1; day <= 364; day++) stream.event(day * DAY);
    expect([stream.knows(soon), stream.knows(late)]).toEqual([false, true]);
    for (let day = 366; day <= 368; day++) stream.event(day * DAY);
    expect(stream.knows(late)).toBe(false);
  });

  it('for a year, of a process of the first release, which did not store until when', () => {
    const id = stream.by('process', 0);
    for (let day = 1; day <= 365; day++) stream.event(day * DAY);
    expect(stream.knows(id)).toBe(true);
    for (let day = 368; day <= 370; day++) stream.event(day * DAY);
    expect(stream.knows(id)).toBe(false);
  });

  it('with what it asked for, and the revision of its last event', () => {
    const id = stream.event(0);
    stream.event(0, 0, { commandId: id });
    stream.event(0);
    const found = stream.window.find(id)!;
    expect([found.revision, found.asksFor('hash'), found.asksFor('other')]).toEqual([1, true, false]);
  });
});

describe('one command under a wrong clock makes the stream forget nothing', () => {
  it.each([
    ['three days ahead, on a server whose recorded times may go back', 3 * DAY, 3 * DAY, 0],
    [
      'three days ahead, in a store where all that is recorded later is recorded as late as it',
      3 * DAY,
      3 * DAY,
      3 * DAY,
    ],
    ['ahead of a server that was right', 3 * DAY, 0, 0],
    ['three days behind', -3 * DAY, -3 * DAY, 0],
    ['behind a server that was right', -3 * DAY, 0, 0],
  ])('%s', (_, occurred, recorded, pinned) => {
    const before = stream.event(-HOUR);
    stream.event(-HOUR);
    const wrong = newId();
    // More than one event: they have one clock.
    for (let n = 0; n < 3; n++) stream.event(occurred, recorded, { commandId: wrong });
    const after: string[] = [];
    for (let minute = 1; minute <= 60; minute++) {
      after.push(stream.event(minute * 60_000, Math.max(pinned, minute * 60_000)));
      expect([before, wrong, ...after].filter((id) => !stream.knows(id))).toEqual([]);
    }
  });

  it('as the first command of the stream', () => {
    const first = stream.event(3 * DAY);
    const second = stream.event(0, 3 * DAY);
    expect([stream.knows(first), stream.knows(second)]).toEqual([true, true]);
  });

  it('behind, as the first command of the stream', () => {
    const first = stream.event(-9 * DAY, 0);
    for (let n = 1; n < 5; n++) stream.event(n);
    expect(stream.knows(first)).toBe(true);
  });
});

it('does not grow for ever in a store whose clock was a lifetime ahead once', () => {
  stream.event(100 * 365 * DAY);
  for (let hour = 0; hour < 20_000; hour++) stream.event(hour * HOUR, 100 * 365 * DAY);
  expect(stream.window.bytes).toBeLessThan(20_000);
});

it('reads what snapshots of the first release hold', () => {
  const [client, process] = [newId(), newId()];
  const window = CommandWindow.fromJson({
    clients: [[client, 4, 'hash', NOON]],
    processes: [[process, 7, 'other', NOON]],
  });
  expect(window.find(client)).toMatchObject({ revision: 4 });
  expect(window.find(client)!.asksFor('hash')).toBe(true);
  expect(window.find(process)).toMatchObject({ revision: 7 });
  expect(window.find(process)!.asksFor('hash')).toBe(false);
});

it.each([
  ['in pieces', (pieces: string[]): Json => pieces],
  ['in one, as before', (pieces: string[]): Json => inOne(pieces)],
])('reads what snapshots hold %s', (_, kept) => {
  const ids = Array.from({ length: 3_000 }, (__, n) => stream.event(n));
  const { commands, ...rest } = stream.window.toJson();
  expect(commands).toHaveLength(3);
  const window = CommandWindow.fromJson({ ...rest, commands: kept(commands as string[]) });
  expect(ids.map((id) => window.find(id)?.revision)).toEqual(ids.map((__, n) => n));
});

const inOne = (pieces: readonly string[]): string =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString('base64');

it('takes no more than 100 bytes for a command', () => {
  for (let n = 0; n < 20_000; n++) stream.event(n);
  expect(stream.window.bytes).toBeLessThan(100 * 20_000);
});

it('a table of commands answers as a map does', () => {
  const place = fc.nat(40);
  const put = fc.record({
    place,
    revision: fc.nat(),
    hash: fc.constantFrom('a', 'b'),
    until: fc.nat(50),
    now: fc.nat(50),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 200 }), (puts) => {
      const idOf = (n: number) => (n % 5 === 0 ? `key-${n}` : deriveId('commands', String(n)));
      let table = new CommandTable();
      const map = new Map<string, { revision: number; hash: string; until: number }>();
      let now = 0;
      for (const each of puts) {
        now = Math.max(now, each.now);
        const { revision, hash, until } = each;
        const commandId = idOf(each.place);
        table.put({ commandId, revision, payloadHash: hash, until: until * 1000 }, now * 1000);
        map.set(commandId, { revision, hash, until });
        if (until % 7 === 0) table = CommandTable.fromBytes(Buffer.concat(table.toPieces(now * 1000)));
        for (let n = 0; n <= 40; n++) {
          const wanted = map.get(idOf(n));
          const found = table.find(idOf(n), now * 1000);
          const live = wanted && wanted.until >= now ? wanted : undefined;
          expect(found?.revision).toBe(live?.revision);
          if (live) expect(found!.asksFor(live.hash)).toBe(true);
        }
      }
    }),
    { numRuns: 100 },
  );
});
