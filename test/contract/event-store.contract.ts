import fc from 'fast-check';
import type { NewEvent, RecordedEvent } from '#src/kernel/events';
import {
  AppendTooLarge,
  type EventStore,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  type SubscriptionBatch,
  WrongExpectedRevision,
} from '#src/kernel/event-store/event-store';
import { newId } from '#src/kernel/ids';
import type { JsonObject } from '#src/kernel/json';
import { comparePositions, type Position } from '#src/kernel/position';

/** A store that holds anything or nothing: each test uses streams of its own. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** Closes the store and opens it again on the same events. */
  readonly reopen?: () => Promise<EventStore>;
  readonly close: () => Promise<void>;
}

export const newStream = (): string => `contract-${newId()}`;

export const newEvent = (data: JsonObject = {}, type = 'Noted'): NewEvent => ({
  id: newId(),
  type,
  data,
  metadata: { v: 1 },
});

export const newEvents = (count: number): NewEvent[] => Array.from({ length: count }, (_, n) => newEvent({ n }));

const idsOf = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);
const revisionsOf = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The log after a position, read to its end in pages. */
export async function logAfter(store: EventStore, after: Position | null, page = 500): Promise<RecordedEvent[]> {
  const log: RecordedEvent[] = [];
  for (;;) {
    const events = await store.readAll({ from: log.at(-1)?.position ?? after, limit: page });
    log.push(...events);
    if (events.length < page) return log;
  }
}

/** Reads a subscription until `enough` says so, and leaves it. */
export async function batchesUntil(
  store: EventStore,
  after: Position | null,
  enough: (batches: readonly SubscriptionBatch[]) => boolean,
): Promise<SubscriptionBatch[]> {
  const leaving = new AbortController();
  const batches: SubscriptionBatch[] = [];
  for await (const batch of store.subscribe({ after, signal: leaving.signal })) {
    batches.push(batch);
    if (enough(batches)) leaving.abort();
  }
  return batches;
}

const eventsOf = (batches: readonly SubscriptionBatch[]): RecordedEvent[] => batches.flatMap(({ events }) => events);

export const caughtUp = (batches: readonly SubscriptionBatch[]): boolean => batches.at(-1)?.caughtUp ?? false;

/** Enough when the last of these events has been delivered. */
export const delivered = (ids: readonly string[]) => (batches: readonly SubscriptionBatch[]) =>
  batches.at(-1)?.events.some(({ id }) => id === ids.at(-1)) ?? false;

/** What every adapter of the event-store port does. */
export function eventStoreContract(name: string, factory: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an event store`, () => {
    let under: StoreUnderTest;
    let store: EventStore;

    beforeAll(async () => {
      under = await factory();
      store = under.store;
    });

    afterAll(() => under.close());

    /** Appends the events one at a time, each after the answer to the one before. */
    async function appendEach(stream: string, events: readonly NewEvent[]): Promise<Position[]> {
      const positions: Position[] = [];
      for (const [n, event] of events.entries()) {
        positions.push((await store.append(stream, n === 0 ? 'no_stream' : n - 1, [event])).position);
      }
      return positions;
    }

    describe('an append', () => {
      it('makes a stream that must not exist yet, and continues it at its exact revision', async () => {
        const stream = newStream();
        const first = newEvents(2);
        const second = newEvents(1);

        expect((await store.append(stream, 'no_stream', first)).revision).toBe(1);
        expect((await store.append(stream, 1, second)).revision).toBe(2);
        expect(idsOf(await store.readStream(stream))).toEqual(idsOf([...first, ...second]));
      });

      it('answers the position of its last event', async () => {
        const stream = newStream();
        const { position } = await store.append(stream, 'no_stream', newEvents(3));

        expect((await store.readStream(stream)).at(-1)!.position).toEqual(position);
      });

      it.each([
        ['no_stream', 1],
        [0, 1],
        [2, 1],
      ] as const)('at %s is refused when the stream is at %d, and stores nothing', async (expected, actual) => {
        const stream = newStream();
        await store.append(stream, 'no_stream', newEvents(actual + 1));

        const refused = store.append(stream, expected, newEvents(2));

        await expect(refused).rejects.toBeInstanceOf(WrongExpectedRevision);
        await expect(refused).rejects.toMatchObject({ stream, expected, actual });
        expect(await store.readStream(stream)).toHaveLength(actual + 1);
      });

      it('at a revision is refused when there is no stream', async () => {
        const stream = newStream();

        await expect(store.append(stream, 0, newEvents(1))).rejects.toMatchObject({
          name: 'WrongExpectedRevision',
          stream,
          expected: 0,
          actual: 'no_stream',
        });
        expect(await store.readStream(stream)).toEqual([]);
      });

      it('stores its events next to each other in the log, however many appends there are at once', async () => {
        const before = await store.head();
        const appends = await Promise.all(
          Array.from({ length: 20 }, async () => {
            const stream = newStream();
            const events = newEvents(5);
            await store.append(stream, 'no_stream', events);
            return { stream, ids: idsOf(events) };
          }),
        );

        const ours = new Set(appends.map(({ stream }) => stream));
        const log = idsOf((await logAfter(store, before)).filter(({ stream }) => ours.has(stream)));
        expect(log).toHaveLength(100);
        for (const { ids } of appends) {
          const start = log.indexOf(ids[0]!);
          expect(log.slice(start, start + ids.length)).toEqual(ids);
        }
      });

      it('wins alone, whole, when 100 race for the same revision', async () => {
        const stream = newStream();
        await store.append(stream, 'no_stream', newEvents(1));
        const racers = Array.from({ length: 100 }, () => newEvents(2));

        const answers = await Promise.allSettled(racers.map((events) => store.append(stream, 0, events)));

        const winners = racers.filter((_, i) => answers[i]!.status === 'fulfilled');
        expect(winners).toHaveLength(1);
        expect(idsOf((await store.readStream(stream)).slice(1))).toEqual(idsOf(winners[0]!));
        for (const answer of answers) {
          if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ expected: 0, actual: 2 });
        }
      });

      it('finds its stream as the append that was sent before it leaves it, answered or not', async () => {
        const stream = newStream();
        const [first, second, third] = [newEvents(2), newEvents(1), newEvents(1)];

        const answers = await Promise.allSettled([
          store.append(stream, 'no_stream', first),
          store.append(stream, 1, second),
          store.append(stream, 1, third),
        ]);

        expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
        expect(idsOf(await store.readStream(stream))).toEqual(idsOf([...first, ...second]));
      });

      it('may have as many events as the limit says, and not one more', async () => {
        const stream = newStream();

        await expect(store.append(stream, 'no_stream', newEvents(MAX_APPEND_EVENTS + 1))).rejects.toBeInstanceOf(
          AppendTooLarge,
        );
        expect((await store.append(stream, 'no_stream', newEvents(MAX_APPEND_EVENTS))).revision).toBe(255);
      });

      it('may have as many bytes of JSON in UTF-8 as the limit says, and not one more', async () => {
        const stream = newStream();
        const room = MAX_APPEND_BYTES - JSON.stringify({ text: '' }).length - JSON.stringify({ v: 1 }).length;
        const text = '€'.repeat(Math.floor(room / 3)) + 'x'.repeat(room % 3);

        const tooLarge = store.append(stream, 'no_stream', [newEvent({ text: `${text}x` })]);
        await expect(tooLarge).rejects.toBeInstanceOf(AppendTooLarge);
        expect(await store.readStream(stream)).toEqual([]);

        await store.append(stream, 'no_stream', [newEvent({ text })]);
        expect((await store.readStream(stream))[0]!.data).toEqual({ text });
      });

      it.each([
        ['without events', newStream(), []],
        ['to a stream without a name', '', newEvents(1)],
        ['to a system stream', '$settings', newEvents(1)],
        ['of an event whose id is no UUID', newStream(), [{ ...newEvent(), id: '1' }]],
        ['of a value that JSON has no text for', newStream(), [newEvent({ n: 1n } as unknown as JsonObject)]],
      ])('%s is a defect of the caller', async (_, stream, events) => {
        await expect(store.append(stream, 'no_stream', events)).rejects.toBeInstanceOf(TypeError);
      });
    });

    describe('the same append again', () => {
      it('is answered as the first time, however far the stream has come', async () => {
        const stream = newStream();
        const first = newEvents(2);
        const second = newEvents(3);
        const answers = [await store.append(stream, 'no_stream', first), await store.append(stream, 1, second)];
        await store.append(stream, 4, newEvents(1));

        expect(await store.append(stream, 'no_stream', first)).toEqual(answers[0]);
        expect(await store.append(stream, 1, second)).toEqual(answers[1]);
        expect(await store.readStream(stream)).toHaveLength(6);
      });

      it('is answered alike when both are under way at once', async () => {
        const stream = newStream();
        const events = newEvents(2);

        const [one, other] = await Promise.all([
          store.append(stream, 'no_stream', events),
          store.append(stream, 'no_stream', events),
        ]);

        expect(one).toEqual(other);
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('is a wrong revision when only the first of its events are stored', async () => {
        const stream = newStream();
        const stored = newEvents(3);
        await store.append(stream, 'no_stream', stored);

        await expect(store.append(stream, 0, [stored[1]!, stored[2]!, newEvent()])).rejects.toMatchObject({
          name: 'WrongExpectedRevision',
          expected: 0,
          actual: 2,
        });
        expect(await store.readStream(stream)).toHaveLength(3);
      });

      it('is a wrong revision when an event has another id, or another place', async () => {
        const stream = newStream();
        const [a, b, c] = newEvents(3) as [NewEvent, NewEvent, NewEvent];
        await store.append(stream, 'no_stream', [a, b, c]);

        for (const [expected, events] of [
          [0, [b, newEvent()]],
          [0, [c, b]],
          ['no_stream', [b, c]],
          [1, [b]],
        ] as const) {
          await expect(store.append(stream, expected, events)).rejects.toMatchObject({ expected, actual: 2 });
        }
        expect(await store.readStream(stream)).toHaveLength(3);
      });
    });

    describe('a stream', () => {
      const stream = newStream();

      beforeAll(() => store.append(stream, 'no_stream', newEvents(10)));

      it('that does not exist is empty', async () => {
        expect(await store.readStream(newStream())).toEqual([]);
        expect(await store.readStream(newStream(), { direction: 'backwards', limit: 1 })).toEqual([]);
      });

      it.each([
        [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
        [{ limit: 3 }, [0, 1, 2]],
        [{ from: 4 }, [4, 5, 6, 7, 8, 9]],
        [{ from: 4, limit: 2 }, [4, 5]],
        [{ from: 10 }, []],
        [{ direction: 'backwards' }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
        [{ direction: 'backwards', limit: 1 }, [9]],
        [{ direction: 'backwards', from: 4 }, [4, 3, 2, 1, 0]],
        [{ direction: 'backwards', from: 4, limit: 2 }, [4, 3]],
        [{ direction: 'backwards', from: 0 }, [0]],
      ] as const)('is read with %j', async (options, revisions) => {
        expect(revisionsOf(await store.readStream(stream, options))).toEqual(revisions);
      });

      it('is read whole, however long it is', async () => {
        const long = newStream();
        for (let n = 0; n < 6; n++) await store.append(long, n === 0 ? 'no_stream' : n * 256 - 1, newEvents(256));

        const revisions = Array.from({ length: 6 * 256 }, (_, n) => n);
        expect(revisionsOf(await store.readStream(long))).toEqual(revisions);
        expect(revisionsOf(await store.readStream(long, { direction: 'backwards' }))).toEqual(revisions.reverse());
      });

      it('gives each event as it was recorded', async () => {
        const own = newStream();
        const event = {
          ...newEvent({ text: 'a' }, 'SomethingHappened'),
          metadata: { v: 3, actor: { kind: 'system' } },
        };
        const { position } = await store.append(own, 'no_stream', [event]);

        expect(await store.readStream(own)).toEqual([
          {
            id: event.id,
            stream: own,
            revision: 0,
            position,
            recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            type: 'SomethingHappened',
            data: event.data,
            metadata: event.metadata,
          },
        ]);
      });
    });

    describe('data and metadata', () => {
      const examples: Record<string, JsonObject> = {
        unicode: { 'ключ 🔑': 'Grüße, 日本語, 👩‍👩‍👧, \u2028 \u0000 \ud800 "\\' },
        nesting: { a: [[], {}, [{ b: [null, [1, { c: '' }]] }]], '': { '': {} } },
        values: { none: null, yes: true, no: false, empty: '' },
        numbers: { most: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER, zero: 0, tiny: 5e-324, big: 1e308 },
        'what JSON makes of undefined': { here: 1, gone: undefined, nested: { gone: undefined } },
        'names that objects have already': JSON.parse(
          '{"__proto__":{"a":1},"constructor":1,"toString":null}',
        ) as JsonObject,
      };

      it.each(Object.entries(examples))('keep %s', async (_, value) => {
        const stream = newStream();
        await store.append(stream, 'no_stream', [{ ...newEvent(value), metadata: value }]);

        const [event] = await store.readStream(stream);
        const asJson = JSON.stringify(value);
        expect([JSON.stringify(event!.data), JSON.stringify(event!.metadata)]).toEqual([asJson, asJson]);
      });

      it('keep any JSON object, for readers and live subscribers alike', async () => {
        const jsonObject = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }));
        await fc.assert(
          fc.asyncProperty(jsonObject, async (value) => {
            const stream = newStream();
            const event = newEvent(value as JsonObject);
            const live = batchesUntil(store, await store.head(), delivered([event.id]));
            await store.append(stream, 'no_stream', [event]);

            const read = await store.readStream(stream);
            expect(JSON.stringify(read[0]!.data)).toBe(JSON.stringify(value));
            expect(eventsOf(await live).filter((each) => each.stream === stream)).toEqual(read);
          }),
          { numRuns: 30 },
        );
      });

      it('are stored as they were when the append was called', async () => {
        const stream = newStream();
        const data = { list: [1] };
        const event = newEvent(data);
        const live = batchesUntil(store, await store.head(), delivered([event.id]));
        const appended = store.append(stream, 'no_stream', [event]);
        data.list.push(2);
        await appended;

        const seen = eventsOf(await live).find(({ id }) => id === event.id);
        expect(seen!.data).toEqual({ list: [1] });
        expect((await store.readStream(stream))[0]!.data).toEqual({ list: [1] });
      });
    });

    describe('the log', () => {
      /** Five events in each of six streams, one of each stream at a time. */
      async function interleaved(): Promise<{ before: Position | null; events: RecordedEvent[] }> {
        const before = await store.head();
        const streams = Array.from({ length: 6 }, newStream);
        await Promise.all(streams.map((stream) => appendEach(stream, newEvents(5))));
        return { before, events: (await logAfter(store, before)).filter(({ stream }) => streams.includes(stream)) };
      }

      it('holds every event once, in the order of its positions', async () => {
        const { events } = await interleaved();

        expect(new Set(idsOf(events)).size).toBe(30);
        expect(events).toHaveLength(30);
        events.slice(1).forEach((event, i) => {
          expect(comparePositions(events[i]!.position, event.position)).toBeLessThan(0);
        });
      });

      it('has the events of a stream in the order in which their appends were answered', async () => {
        const before = await store.head();
        const answered = await Promise.all(
          Array.from({ length: 8 }, async () => {
            const stream = newStream();
            return { stream, positions: await appendEach(stream, newEvents(20)) };
          }),
        );

        const log = await logAfter(store, before);
        for (const { stream, positions } of answered) {
          expect(log.filter((event) => event.stream === stream).map(({ position }) => position)).toEqual(positions);
        }
      });

      it('has what was appended after an answer behind what was answered', async () => {
        const one = await store.append(newStream(), 'no_stream', newEvents(1));
        const other = await store.append(newStream(), 'no_stream', newEvents(1));

        expect(comparePositions(one.position, other.position)).toBeLessThan(0);
      });

      it('is read in pages that join, forwards and backwards', async () => {
        const { before, events } = await interleaved();
        const ours = new Set(idsOf(events));
        const forwards = idsOf(await logAfter(store, before, 7)).filter((id) => ours.has(id));

        const backwards: string[] = [];
        let page = await store.readAll({ direction: 'backwards', limit: 7 });
        while (page.length > 0 && backwards.length < events.length) {
          backwards.push(...idsOf(page).filter((id) => ours.has(id)));
          page = await store.readAll({ from: page.at(-1)!.position, direction: 'backwards', limit: 7 });
        }

        expect(forwards).toEqual(idsOf(events));
        expect(backwards).toEqual(idsOf(events).reverse());
      });

      it('is read without the event at the position that the read begins at', async () => {
        const { events } = await interleaved();
        const [middle, next] = [events[14]!, events[15]!];

        const after = idsOf(await store.readAll({ from: middle.position, limit: 30 }));
        expect([after.includes(middle.id), after.includes(next.id)]).toEqual([false, true]);
        const before = idsOf(await store.readAll({ from: next.position, direction: 'backwards', limit: 30 }));
        expect([before.includes(next.id), before.includes(middle.id)]).toEqual([false, true]);
      });

      it('is read from its beginning when no position is given', async () => {
        await store.append(newStream(), 'no_stream', newEvents(1));
        const [first] = await store.readAll({ limit: 1 });

        expect(await store.readAll({ from: null, limit: 1 })).toEqual([first]);
        expect(await store.readAll({ from: first!.position, direction: 'backwards', limit: 1 })).toEqual([]);
      });

      it('gives the event at a position', async () => {
        const { events } = await interleaved();

        expect(await store.readAt(events[17]!.position)).toEqual(events[17]);
      });

      it('has nothing behind its head', async () => {
        const { position } = await store.append(newStream(), 'no_stream', newEvents(3));
        const head = await store.head();

        expect(comparePositions(head, position)).toBeGreaterThanOrEqual(0);
        expect(await store.readAll({ from: head, limit: 10 })).toEqual([]);
        const beyond = '9'.repeat(15).padStart(20, '0');
        expect(await store.readAt({ commit: beyond, prepare: beyond })).toBeNull();
      });
    });

    describe('a subscription', () => {
      it('begins after its position with what is there, and says when nothing more is', async () => {
        const { position } = await store.append(newStream(), 'no_stream', newEvents(1));
        for (const stream of [newStream(), newStream()]) await store.append(stream, 'no_stream', newEvents(3));

        const batches = await batchesUntil(store, position, caughtUp);

        expect(eventsOf(batches)).toEqual(await logAfter(store, position));
        expect(batches.at(-1)!.upTo).toEqual(await store.head());
        for (const { events, upTo } of batches) if (events.length) expect(upTo).toEqual(events.at(-1)!.position);
      });

      it('is caught up at once at the head, without an event', async () => {
        await store.append(newStream(), 'no_stream', newEvents(1));
        const head = await store.head();

        const [batch] = await batchesUntil(store, head, caughtUp);

        expect(batch).toEqual({ events: [], upTo: head, caughtUp: true });
      });

      it('goes on with what is appended, and is caught up again each time', async () => {
        const stream = newStream();
        const events = newEvents(3);
        const leaving = new AbortController();
        const seen: RecordedEvent[] = [];
        let sent = 0;

        for await (const batch of store.subscribe({ after: await store.head(), signal: leaving.signal })) {
          seen.push(...batch.events);
          if (!batch.caughtUp || seen.length < sent) continue;
          if (sent === events.length) leaving.abort();
          else await store.append(stream, sent === 0 ? 'no_stream' : sent - 1, [events[sent++]!]);
        }

        expect(seen).toEqual(await store.readStream(stream));
        expect(idsOf(seen)).toEqual(idsOf(events));
      });

      it('of the whole store has the whole log', async () => {
        const batches = await batchesUntil(store, null, caughtUp);

        expect(idsOf(eventsOf(batches))).toEqual(idsOf(await logAfter(store, null)));
      });

      it('misses nothing and repeats nothing while appends run, wherever it begins', async () => {
        const writers = Promise.all(Array.from({ length: 6 }, () => appendEach(newStream(), newEvents(60))));
        const marker = newEvent();
        const starts: (Position | null)[] = [];
        const subscribers: Promise<SubscriptionBatch[]>[] = [];
        for (let i = 0; i < 20; i++) {
          starts.push(await store.head());
          subscribers.push(batchesUntil(store, starts.at(-1)!, delivered([marker.id])));
          await pause(2);
        }
        await writers;
        await store.append(newStream(), 'no_stream', [marker]);

        for (const [i, subscriber] of subscribers.entries()) {
          expect(idsOf(eventsOf(await subscriber))).toEqual(idsOf(await logAfter(store, starts[i]!)));
        }
      });

      it('whose reader is slow gets everything, in order', async () => {
        const before = await store.head();
        const leaving = new AbortController();
        const seen: string[] = [];
        const reader = (async () => {
          for await (const { events } of store.subscribe({ after: before, signal: leaving.signal })) {
            seen.push(...idsOf(events));
            await pause(20);
            if (seen.length >= 12 * 256) leaving.abort();
          }
        })();
        const stream = newStream();
        for (let n = 0; n < 12; n++) await store.append(stream, n === 0 ? 'no_stream' : n * 256 - 1, newEvents(256));
        await reader;

        expect(seen).toEqual(idsOf(await logAfter(store, before)));
      });

      it('gives every subscriber the same', async () => {
        const before = await store.head();
        const events = newEvents(50);
        const subscribers = Array.from({ length: 30 }, () => batchesUntil(store, before, delivered(idsOf(events))));
        await appendEach(newStream(), events);

        const log = await logAfter(store, before);
        for (const batches of await Promise.all(subscribers)) expect(eventsOf(batches)).toEqual(log);
      });

      it('ends when it is aborted, while it waits and before it has begun', async () => {
        const waiting = new AbortController();
        const iterator = store.subscribe({ after: await store.head(), signal: waiting.signal })[Symbol.asyncIterator]();
        expect(await iterator.next()).toMatchObject({ value: { caughtUp: true } });
        const next = iterator.next();
        waiting.abort();

        expect(await next).toEqual({ done: true, value: undefined });
        const aborted = store.subscribe({ after: null, signal: AbortSignal.abort() })[Symbol.asyncIterator]();
        expect(await aborted.next()).toEqual({ done: true, value: undefined });
      });

      it('can be left in the middle, any number of times', async () => {
        await store.append(newStream(), 'no_stream', newEvents(10));
        for (let i = 0; i < 150; i++) {
          for await (const { events } of store.subscribe({ after: null, signal: new AbortController().signal })) {
            if (events.length > 0) break;
          }
        }

        const stream = newStream();
        await store.append(stream, 'no_stream', newEvents(1));
        expect(await store.readStream(stream)).toHaveLength(1);
      });
    });

    describe('a stream that keeps only its newest events', () => {
      it('is read without the others, and goes on from its last revision', async () => {
        const stream = newStream();
        await store.setStreamMetadata(stream, { maxCount: 2 });
        await store.append(stream, 'no_stream', newEvents(3));
        const last = newEvents(2);
        const answer = await store.append(stream, 2, last);

        expect(revisionsOf(await store.readStream(stream))).toEqual([3, 4]);
        expect(revisionsOf(await store.readStream(stream, { direction: 'backwards' }))).toEqual([4, 3]);
        expect(await store.append(stream, 2, last)).toEqual(answer);
        await expect(store.append(stream, 3, newEvents(1))).rejects.toMatchObject({ expected: 3, actual: 4 });
        expect((await store.append(stream, 4, newEvents(1))).revision).toBe(5);
      });

      it('drops what is too much when it is told so later, and keeps all again when that is taken back', async () => {
        const stream = newStream();
        await store.append(stream, 'no_stream', newEvents(5));
        await store.setStreamMetadata(stream, { maxCount: 1 });
        expect(revisionsOf(await store.readStream(stream))).toEqual([4]);

        await store.append(stream, 4, newEvents(1));
        expect(revisionsOf(await store.readStream(stream))).toEqual([5]);
        await store.setStreamMetadata(stream, {});
        await store.append(stream, 5, newEvents(2));
        expect(revisionsOf(await store.readStream(stream)).slice(-3)).toEqual([5, 6, 7]);
      });

      it.each([{ maxCount: 0 }, { maxCount: 1.5 }, { maxAge: -1 }])('cannot be told %j', async (metadata) => {
        await expect(store.setStreamMetadata(newStream(), metadata)).rejects.toBeInstanceOf(TypeError);
      });
    });

    it('holds the same after it was closed and opened again', async () => {
      if (!under.reopen) return;
      const stream = newStream();
      const events = newEvents(3);
      const answer = await store.append(stream, 'no_stream', events);
      const log = await logAfter(store, null);

      store = await under.reopen();

      expect(await logAfter(store, null)).toEqual(log);
      expect(await store.append(stream, 'no_stream', events)).toEqual(answer);
      expect((await store.append(stream, 2, newEvents(1))).revision).toBe(3);
      expect(comparePositions(log.at(-1)!.position, await store.head())).toBeLessThan(0);
    });
  });
}
