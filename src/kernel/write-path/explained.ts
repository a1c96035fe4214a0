import type { EventStore } from '../event-store/event-store';
import { Rejected } from '../rejection';
import type { Folded } from './folded';

const EVENTS_IN_A_412 = 50;

/** What a command on this stream is answered with: a 412 says which events came since; every rejection says where the stream stood. */
export async function explained(
  error: unknown,
  store: EventStore,
  stream: string,
  folded: Pick<Folded<unknown>, 'position'>,
): Promise<unknown> {
  if (!(error instanceof Rejected)) return error;
  if (error.code !== 'precondition-failed') return at(error, folded);
  const from = (error.details['expectedRevision'] as number) + 1;
  const since = await store.readStream(stream, { from, limit: EVENTS_IN_A_412 }).catch(() => []);
  const eventsSince = since.map(({ type, revision, recordedAt }) => ({ type, revision, recordedAt }));
  return at(new Rejected(error.code, { ...error.details, eventsSince }), folded);
}

export function at(rejected: Rejected, { position }: Pick<Folded<unknown>, 'position'>): Rejected {
  rejected.at = position;
  return rejected;
}
