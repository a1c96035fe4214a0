import { Injectable } from '@nestjs/common';
import { messageOf } from '../message-of';

/** Something that must be well before this process can serve: a store, a read model that has caught up. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<{ readonly ready: boolean; readonly detail?: string }>;
}

export interface HealthResult {
  readonly name: string;
  readonly ready: boolean;
  readonly detail?: string;
}

/** A check that has not answered by then counts as not ready. */
const CHECK_MS = 2_000;

/** Why a process that is not running is not ready. */
const REASONS = { building: 'It is not open yet.', draining: 'It is shutting down.' };

/** Whether this process can serve; and what it is at: building what it needs, running, or draining before it stops. */
@Injectable()
export class Health {
  private readonly checks: HealthCheck[] = [];
  state: 'building' | 'running' | 'draining' = 'running';

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  /** The result of every check; never rejects. */
  async results(): Promise<HealthResult[]> {
    const { state } = this;
    const own = state === 'running' ? { ready: true } : { ready: false, detail: REASONS[state] };
    return [{ name: 'process', ...own }, ...(await this.checked())];
  }

  /** The same, but for what the process is at. */
  checked(): Promise<HealthResult[]> {
    return Promise.all(this.checks.map(resultOf));
  }
}

async function resultOf(checked: HealthCheck): Promise<HealthResult> {
  const { name } = checked;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<HealthResult>((resolve) => {
    timer = setTimeout(
      () => resolve({ name, ready: false, detail: `It gave no answer within ${CHECK_MS} ms.` }),
      CHECK_MS,
    );
  });
  try {
    return await Promise.race([checked.check().then((result) => ({ name, ...result })), tooLate]);
  } catch (error) {
    return { name, ready: false, detail: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
