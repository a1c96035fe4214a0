import fc from 'fast-check';
import { join } from 'node:path';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { Rejected } from '#src/kernel/rejection';
import { FaultyStore } from '../support/faulty-store';
import { EveryChoice, Interleaving } from '../support/interleaving';
import { Crates } from '../support/labelled-crates';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { command } from '../support/toy-box';

const folder = tempFolderOfThisFile();
let store: SqliteEventStore;
beforeAll(async () => {
  store = await SqliteEventStore.open({ file: join(folder, 'log.db') });
});
afterAll(() => store.close());

/** Who waits for nobody takes over at once from whoever has not used its claim, which is the worst that time can do. */
const IMPATIENT = { patienceMs: 0 };
/** Of this process, which nobody interrupts. */
let calm: Crates;
beforeAll(() => {
  calm = new Crates(new FaultyStore(store, false), IMPATIENT);
});

/** What somebody does in a process of its own. */
type Story = (crates: Crates) => Promise<unknown>;

/** Several who want one label: what was before, and what each of them does. */
interface Scene {
  readonly label: string;
  /** Every crate that has a part in it. */
  readonly ids: readonly string[];
  readonly before: Story;
  readonly stories: readonly Story[];
}

const label =
  (id: string, label: string): Story =>
  (crates) =>
    crates.label(command(), id, label);
const none: Story = async () => undefined;
const inTurn =
  (...stories: Story[]): Story =>
  async (crates) => {
    for (const story of stories) await story(crates);
  };
const takeOff =
  (id: string): Story =>
  (crates) =>
    crates.takeOff(command(), id);
/** Of a command that died before it came to use it. */
const claim =
  (id: string, label: string): Story =>
  (crates) =>
    crates.claim(command(), id, label);

const SCENES: Record<string, (wanted: string, ids: string[]) => Omit<Scene, 'label' | 'ids'>> = {
  'two that do not exist yet': (wanted, [a, b]) => ({ before: none, stories: [label(a!, wanted), label(b!, wanted)] }),
  'two that exist': (wanted, [a, b]) => ({
    before: inTurn(label(a!, newId()), label(b!, newId())),
    stories: [label(a!, wanted), label(b!, wanted)],
  }),
  'its owner, who gives it up and wants it back, and another': (wanted, [a, b]) => ({
    before: label(a!, wanted),
    stories: [inTurn(takeOff(a!), label(a!, wanted)), label(b!, wanted)],
  }),
  'two commands for one, and another': (wanted, [a, b]) => ({
    before: label(a!, newId()),
    stories: [label(a!, wanted), label(a!, wanted), label(b!, wanted)],
  }),
  'two, after a command for one that exists died': (wanted, [a, b, c]) => ({
    before: inTurn(label(c!, newId()), claim(c!, wanted)),
    stories: [label(a!, wanted), label(b!, wanted)],
  }),
  'two, after a creation died that is tried again': (wanted, [a, b]) => ({
    before: claim(a!, wanted),
    stories: [label(a!, wanted), label(b!, wanted)],
  }),
};

const setUp = async (name: string): Promise<Scene> => {
  const wanted = newId();
  const ids = [newId(), newId(), newId()];
  const scene = { label: wanted, ids, ...SCENES[name]!(wanted, ids) };
  await scene.before(calm);
  return scene;
};

/** Lets the scene run, and says what is wrong with its end. */
async function play({ label: wanted, ids, stories }: Scene, run: Interleaving): Promise<void> {
  const ends = await run.run(...stories.map((story, n) => () => story(new Crates(run.storeOf(store, n), IMPATIENT))));
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(Rejected);
  const owners = [];
  for (const id of ids) if ((await calm.labelOf(id)) === wanted) owners.push(id);
  const told = await calm.ownerOf(wanted);
  expect({ owners, told }).toEqual({ owners: told === null ? [] : [told], told });
  // A name that nobody has is there for who wants it, and no other.
  const next = newId();
  const outcome = await label(
    next,
    wanted,
  )(calm).then(
    () => 'done',
    (error: Rejected) => error.code,
  );
  expect(outcome).toBe(told === null ? 'done' : 'label-taken');
}

describe('a name is never that of two, and never that of nobody for good, however their steps interleave', () => {
  it.each(Object.keys(SCENES))(
    'when it is wanted by %s, interrupted once or twice, wherever that may be',
    async (name) => {
      const every = new EveryChoice();
      for (let more = true; more; more = every.next()) {
        const scene = await setUp(name);
        await play(scene, new Interleaving(every.choose, scene.stories.length > 2 ? 1 : 2));
      }
    },
  );

  it('when many want it, give it up and die, interrupted at any step', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(SCENES)),
        fc.array(fc.nat(1_000), { minLength: 30, maxLength: 60 }),
        async (name, tape) => {
          let place = 0;
          const choose = (of: number) => (tape[place++] ?? 0) % of;
          const scene = await setUp(name);
          const fourth = newId();
          const more = [label(fourth, scene.label), label(scene.ids[2]!, scene.label)];
          const all = { ...scene, ids: [...scene.ids, fourth], stories: [...scene.stories, ...more] };
          await play(all, new Interleaving(choose, tape.length));
        },
      ),
      { numRuns: 30 },
    ));
});
