import type { Json } from '../kernel/json';
import { differences } from './differences';
import type { StreamFold } from './folds/stream-fold';
import type { Questions } from './questions';
import type { Step } from './stream-history';
import { StreamStates } from './stream-states';

/** How states are shown, where it is not as their fold has it. */
type Shown<S> = (before: S, after: S) => readonly [before: Json, after: Json];

/** Parts of the histories of streams: what each event changed, from one revision to another. */
export class StreamChanges {
  private readonly states = new StreamStates();

  constructor(private readonly questions: Pick<Questions, 'begin'>) {}

  /** How many events the stream has. @throws StoreUnavailable */
  async length(stream: string): Promise<number> {
    const [newest] = await this.questions.begin().store.readStream(stream, { direction: 'backwards', limit: 1 });
    return newest ? newest.revision + 1 : 0;
  }

  /** The events from one revision to another, both inclusive. @throws QueryTimedOut | UnknownEvent | UnknownEventVersion | StoreUnavailable */
  async between<S>(
    fold: StreamFold<S>,
    stream: string,
    [first, last]: readonly [first: number, last: number],
    shown: Shown<S> = (before, after) => fold.shownChange(before, after),
  ): Promise<Step[]> {
    const log = this.questions.begin();
    let { state } = await this.states.at(log, fold, stream, { kind: 'revision', revision: first - 1 });
    const events = await log.store.readStream(stream, { from: first, limit: last - first + 1 });
    return events.map((recorded) => {
      const event = log.registry.decode(recorded);
      const before = state;
      state = fold.evolve(before, event);
      return { event, changes: differences(...shown(before, state)) };
    });
  }
}
