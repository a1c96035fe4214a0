import { pause } from '../../kernel/waiting';

const TRIES = 20;
/** Milliseconds. */
const TRY_AGAIN_AFTER = 100;

/** Tries again, for two seconds, what brokers refuse for now only: a topic that was just made, or whose leader has just gone. */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries === TRIES || (error as { retriable?: boolean }).retriable !== true) throw error;
    }
    await pause(TRY_AGAIN_AFTER);
  }
}
