import type { ClockWatch } from '../kernel/event-store/clock-watch';
import type { Feed } from '../kernel/feed/feed';
import type { Leases } from '../kernel/leases/leases';
import type { Health, HealthCheck } from '../kernel/http/health';
import { messageOf } from '../kernel/message-of';
import type { ReadModels } from '../kernel/read-models/read-models';
import type { Servers } from './servers';

export interface Checked {
  readonly servers: Servers;
  readonly clockWatch: Pick<ClockWatch, 'note'>;
  readonly readModels: ReadModels;
  readonly feed: Feed;
  readonly leases: Leases | null;
  /** Whether this process answers the API. */
  readonly serves: boolean;
}

const READ_MODELS = 'read-models';

type Result = Awaited<ReturnType<HealthCheck['check']>>;

/**
 * What `/health/ready` looks at. A process that answers the API is ready while it can take commands: read models that can't be
 * reached, and work that does not go on, are told in the details. A process that only works is ready while its work goes on.
 */
export function addHealthChecks(health: Health, checked: Checked): void {
  const { servers, readModels, serves } = checked;
  health.add({ name: 'event-store', check: () => eventStoreOf(checked) });
  if (serves) health.add({ name: READ_MODELS, check: () => readinessOf(readModels) });
  health.add({ name: 'read-model-store', check: async () => answered(() => servers.readModelStore.list(), serves) });
  health.add({ name: 'work', check: async () => workOf(checked) });
}

/**
 * Why the API can't be answered yet, in a sentence; null: it can. `alone`: no other process could answer in place of this one, so it is
 * open also while a document is parked that an operator has to look at; the read model that it is of is not answered from meanwhile.
 */
export async function whyNotOpen(health: Health, alone: ReadModels | null): Promise<string | null> {
  const wrong = (await health.checked()).filter(({ ready }) => !ready);
  if (wrong.length === 0) return null;
  if (alone && wrong.every(({ name }) => name === READ_MODELS) && (await alone.built())) return null;
  return wrong.map(({ name, detail }) => detail ?? `${name} is not ready.`).join(' ');
}

/** A store that is ahead of the clock serves all the same. */
async function eventStoreOf({ servers, clockWatch }: Checked): Promise<Result> {
  const { damage } = servers.store;
  if (damage !== null) return { ready: false, detail: damage.message };
  await servers.store.head();
  return { ready: true, ...(clockWatch.note === null ? {} : { detail: clockWatch.note }) };
}

/** Which read models are not served yet, and why. */
async function readinessOf(readModels: ReadModels): Promise<Result> {
  if (await readModels.ready()) return { ready: true };
  const behind = (await readModels.status()).filter(({ ready }) => !ready);
  return { ready: false, detail: behind.map(({ projection, note }) => `${projection}: ${note}`).join(' ') };
}

async function answered(ask: () => Promise<unknown>, goesOnWithout: boolean): Promise<Result> {
  try {
    await ask();
    return { ready: true };
  } catch (error) {
    return { ready: goesOnWithout, detail: messageOf(error) };
  }
}

/** Readers of the feed that fail, and leases that can't be kept; and which work this process does at the moment. */
function workOf({ feed, leases, serves }: Checked): Result {
  const failing = feed.status().flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  const unsure = (leases?.status() ?? []).flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  const held = (leases?.status() ?? []).flatMap(({ name, held }) => (held ? [name] : []));
  const here = leases && (held.length > 0 ? `Works on ${held.join(', ')}.` : 'Others do its work; it stands by.');
  const wrong = [...failing, ...unsure];
  const detail = [...wrong, ...(here === null || leases?.status().length === 0 ? [] : [here])].join(' ');
  return { ready: serves || wrong.length === 0, ...(detail === '' ? {} : { detail }) };
}
