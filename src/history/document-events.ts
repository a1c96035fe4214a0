import { processNames } from '../contexts';
import { streamOf } from '../kernel/aggregate';
import type { RecordedEvent } from '../kernel/events';
import { positionOfStamp } from '../kernel/position';
import type { Reacted } from '../kernel/processes/process.events';
import type { Projection } from '../kernel/read-models/projection';
import type { HistoryLog } from './source';

/** Events of one read of a stream in which one event is looked for, from its end. */
const PAGE = 200;

/**
 * The events that the projection may fold into this document, in any order, and no more than the streams that it names hold. `now`: the
 * document as it is now, where that is known.
 */
export async function documentEvents<D extends object>(
  log: HistoryLog,
  projection: Projection<D>,
  id: string,
  now: D | null,
): Promise<RecordedEvent[]> {
  if (!projection.streams)
    throw new Error(`Documents of ${projection.name} can’t be found in the log by their ids: it names no streams.`);
  const found = projection.streams(id, now).map(async (where) => {
    if ('all' in where) return log.store.readStream(where.all);
    const isIt: IsIt = (event) =>
      event.type === where.one && projection.on[event.type]!.keys(log.registry.decode(event)).includes(id);
    const one = (await whereProcessBegan(log, id, isIt)) ?? (await inStream(log, where.in, isIt));
    return one ? [one] : [];
  });
  return (await Promise.all(found)).flat();
}

type IsIt = (event: RecordedEvent) => boolean;

/** The event, if a process of this id has begun with it: that says where in the log it is. */
async function whereProcessBegan({ store }: HistoryLog, id: string, isIt: IsIt): Promise<RecordedEvent | null> {
  for (const name of processNames) {
    const [began] = await store.readStream(streamOf(name, id), { limit: 1 });
    if (!began) continue;
    const { source } = began.data as unknown as Reacted;
    const event = await store.readAt(positionOfStamp(source.position));
    if (event && isIt(event)) return event;
  }
  return null;
}

async function inStream({ store }: HistoryLog, stream: string | null, isIt: IsIt): Promise<RecordedEvent | null> {
  if (stream === null) return null;
  for (let from: number | undefined; from === undefined || from >= 0;) {
    const options = { direction: 'backwards', limit: PAGE, ...(from === undefined ? {} : { from }) } as const;
    const page: RecordedEvent[] = await store.readStream(stream, options);
    const found = page.find(isIt);
    if (found || page.length < PAGE) return found ?? null;
    from = page.at(-1)!.revision - 1;
  }
  return null;
}
