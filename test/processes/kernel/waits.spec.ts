import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reacted } from '#src/kernel/processes/process.events';
import { firstDue, lastBegun, waitOf } from '#src/kernel/processes/waits';

const examples = JSON.parse(readFileSync(join(__dirname, '../../golden-events/kernel.json'), 'utf8')) as Readonly<
  Record<'Reacted', Readonly<Record<string, Reacted>>>
>;
const golden = examples.Reacted['1']!;
const [timeout] = golden.timeouts;
const stored = (parts: Partial<Reacted> = {}) => ({
  data: { ...golden, ...parts },
  metadata: { occurredAt: '2026-06-01T12:00:00.000Z' },
});

describe('how long an instance waits', () => {
  it('is what its reaction says', () => {
    const dueAt = '2026-06-01T12:01:00.000Z';
    expect(waitOf({ name: 'lunch', dueAt, afterMs: 60_000 }, stored())).toEqual({ dueAt, afterMs: 60_000 });
    expect(waitOf({ name: 'lunch', dueAt, afterMs: null }, stored())).toEqual({ dueAt, afterMs: null });
  });

  it('is told by the clock of the store, where the first release reacted to an event', () => {
    const { dueAt } = timeout!;
    expect(waitOf(timeout!, stored())).toEqual({ dueAt, afterMs: 1_000 });
    // The clock of the store was ahead, and that of the process was not, or has been set right.
    const ahead = { name: 'look-up-payment', dueAt: '2126-06-01T12:00:01.000Z' };
    const recordedAt = '2126-06-01T12:00:00.250Z';
    expect(waitOf(ahead, { ...stored(), recordedAt })).toEqual({ dueAt: ahead.dueAt, afterMs: 750 });
  });

  it('is told by the clock of the process, where the first release reacted to anything else', () => {
    const source = { kind: 'timeout', position: golden.source.position, name: 'a', dueAt: timeout!.dueAt } as const;
    const recordedAt = '2126-06-01T12:00:00.000Z';
    expect(waitOf(timeout!, { ...stored({ source }), recordedAt })).toMatchObject({ afterMs: 1_000 });
  });

  it('is never less than nothing', () =>
    expect(waitOf(timeout!, { ...stored(), recordedAt: '2026-06-01T12:00:05.000Z' })).toMatchObject({ afterMs: 0 }));
});

it('of several waits, the first that is due and the last that has begun are known', () => {
  const waits = [
    { dueAt: '2026-06-01T12:10:00.000Z', afterMs: 60_000 },
    { dueAt: '2026-06-01T12:05:00.000Z', afterMs: null },
    { dueAt: '2026-06-01T13:00:00.000Z', afterMs: 3_600_000 },
  ];
  expect(firstDue(waits)).toBe('2026-06-01T12:05:00.000Z');
  expect(lastBegun(waits)).toBe('2026-06-01T12:09:00.000Z');
  expect([firstDue([]), lastBegun([])]).toEqual([null, '']);
});
