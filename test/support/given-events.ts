import { allProjections } from '#src/contexts';
import type { Shop } from '#src/app/open-shop';
import type { Aggregate } from '#src/kernel/aggregate';
import { Aggregates, WritePath } from '#src/kernel/aggregates';
import { Command } from '#src/kernel/commands';
import type { DomainEvent } from '#src/kernel/events';
import { newId } from '#src/kernel/ids';

/** That something has happened which no command decided. */
class Given extends Command {}

const WITHIN_MS = 10_000;

/**
 * Appends events to a stream of a running shop, as if they had been decided, and resolves when every read model has them. Data that no
 * event of the type may have is refused. Nothing but the stream knows of them: names are not claimed, and processes react to
 * them as to any other event. @throws InvalidEvent
 */
export async function givenEvents<S, E extends DomainEvent>(
  { app, readModels }: Shop,
  aggregate: Aggregate<S, E>,
  id: string,
  events: readonly E[],
): Promise<void> {
  const path = app.get(WritePath, { strict: false });
  const commandId = newId();
  const context = {
    commandId,
    payloadHash: '',
    correlationId: commandId,
    causationId: commandId,
    actor: { kind: 'system', id: 'given' },
    occurredAt: path.clock.now().toISOString(),
  } as const;
  const { position } = await new Aggregates(path, aggregate).change(new Given(context, {}), id, {
    decide: () => events,
  });
  if (position === null) return;
  const queries = allProjections.map((projection) => readModels.query(projection));
  await Promise.all(queries.map((query) => query.waitFor(position, WITHIN_MS)));
}
