import { backOff, type Waits } from '../kernel/back-off';
import { OutcomeUnknown, StoreUnavailable } from '../kernel/event-store/event-store';
import { CheckpointMismatch } from '../kernel/feed/checkpoint-guard';
import { KeyStoreUnavailable } from '../kernel/personal-data/personal';
import { ReadModelsUnavailable } from '../kernel/read-models/read-model-store';
import { pause } from '../kernel/waiting';

/** What may pass without anybody touching this process, where it works on shared servers. Each says in one sentence what it is. */
export const PASSING = [
  CheckpointMismatch,
  KeyStoreUnavailable,
  OutcomeUnknown,
  ReadModelsUnavailable,
  StoreUnavailable,
];

/** Calls until it works, or until something goes wrong that does not pass. */
export type Patiently = <T>(call: () => Promise<T>) => Promise<T>;

/** Where nothing is worth waiting for. */
export const atOnce: Patiently = (call) => call();

/** A server takes seconds to come back. */
const WAITS: Waits = { first: 500, longest: 5_000 };

/** `told` hears why it waits. @throws what does not pass, and the last error once the signal is aborted */
export function patience(signal: AbortSignal, told: (message: string) => void): Patiently {
  return async (call) => {
    for (let tries = 0; ; tries++) {
      try {
        return await call();
      } catch (error) {
        if (signal.aborted || !PASSING.some((passing) => error instanceof passing)) throw error;
        told((error as Error).message);
      }
      await pause(backOff(tries, WAITS), signal);
    }
  };
}
