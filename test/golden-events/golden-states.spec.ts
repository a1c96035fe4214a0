import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allAggregates, allEvents, allProcesses, processNames } from '#src/contexts';
import { EventRegistry } from '#src/kernel/event-definitions';
import type { RecordedEvent } from '#src/kernel/events';
import type { JsonObject } from '#src/kernel/json';
import { stored } from '../support/given-projection';
import { writeGolden, writesGolden } from '../support/golden-file';

/**
 * Snapshots of aggregates and instances of processes are stored states, and a state is read only by the `stateVersion` that it was
 * stored with. So here is, for each of them, the state after each event of some histories: `states/<name>@<stateVersion>.json`. Who
 * changes the shape or the meaning of a state raises its stateVersion, which makes a new file; the file of a version only grows.
 *
 * To make or extend one: write `{ "histories": [[{ "type", "version", "data" }, …], …] }`, let `GOLDEN=write npx jest golden-states`
 * add the states that are missing, and read them.
 */
interface Step {
  readonly type: string;
  readonly version: number;
  readonly data: JsonObject;
  state?: unknown;
}

interface Folded {
  readonly name: string;
  /** Of a process: brings a state that an earlier release stored to this version. */
  readonly upgrade?: (state: JsonObject, stateVersion: number) => object;
  readonly stateVersion: number;
  readonly types: readonly string[];
  readonly initial: unknown;
  readonly fold: (state: never, event: RecordedEvent) => unknown;
}

const registry = new EventRegistry(allEvents);

const eventOf = ({ type, version, data }: Step, n: number): RecordedEvent =>
  stored({ type, data, metadata: { v: version }, stream: 'cart-golden' }, n) as unknown as RecordedEvent;

const aggregates = allAggregates.map(({ name, stateVersion, initial, events, evolve }): Folded => {
  const types = Object.keys(events.types);
  return { name, stateVersion, initial, types, fold: (state, event) => evolve(state, registry.decode(event) as never) };
});

async function processNamed(name: string): Promise<Folded> {
  const { stateVersion, initial, on, react, upgrade } = (await allProcesses()).find(
    (process) => process.name === name,
  )!;
  return {
    name: `process-${name}`,
    stateVersion,
    initial,
    types: Object.keys(on),
    ...(upgrade && { upgrade }),
    fold: (state, event) =>
      react(state, { kind: 'event', event: registry.decode(event) as never, at: event.recordedAt })?.state ?? state,
  };
}

const all: readonly (readonly [name: string, load: () => Promise<Folded>])[] = [
  ...aggregates.map((folded) => [folded.name, () => Promise.resolve(folded)] as const),
  ...processNames.map((name) => [`process-${name}`, () => processNamed(name)] as const),
];

const folder = join(__dirname, 'states');

describe.each(all)('the state of %s', (name, load) => {
  let folded: Folded;
  let path: string;
  beforeAll(async () => {
    folded = await load();
    path = join(folder, `${name}@${folded.stateVersion}.json`);
  });
  const read = () => (JSON.parse(readFileSync(path, 'utf8')) as { histories: Step[][] }).histories;

  it('has its golden histories', () => expect(existsSync(path) ? path : `${path} is missing`).toBe(path));

  it('is after each event what it was ever', () => {
    const histories = read();
    for (const history of histories) {
      let state = folded.initial;
      for (const [n, step] of history.entries()) {
        state = folded.fold(state as never, eventOf(step, n));
        const made: unknown = JSON.parse(JSON.stringify(state));
        if (writesGolden && !('state' in step)) step.state = made;
        expect({ n, type: step.type, state: made }).toEqual({ n, type: step.type, state: step.state });
      }
    }
    if (writesGolden) writeGolden(path, { histories });
  });

  it('is what this release makes of every state of an earlier one that it goes on with', () => {
    const { upgrade, stateVersion } = folded;
    for (let version = 1; upgrade && version < stateVersion; version++) {
      const earlier = readFileSync(join(folder, `${name}@${version}.json`), 'utf8');
      for (const history of (JSON.parse(earlier) as { histories: Step[][] }).histories) {
        let state = folded.initial;
        for (const [n, step] of history.entries()) {
          state = folded.fold(state as never, eventOf(step, n));
          expect({ version, n, state: upgrade(step.state as JsonObject, version) }).toEqual({ version, n, state });
        }
      }
    }
  });

  it('is shown after every type of event that changes it', () => {
    const shown = new Set(read().flatMap((history) => history.map(({ type }) => type)));
    expect([...shown].sort()).toEqual([...folded.types].sort());
  });
});

it('every golden state is of an aggregate or a process that is known', () => {
  const known = all.map(([name]) => name);
  for (const file of readdirSync(folder)) expect(known).toContain(/^(.*)@\d+\.json$/.exec(file)?.[1]);
});
