import { Injectable, type OnModuleDestroy } from '@nestjs/common';
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

/**
 * Whether this process can serve. `drain()` first makes it say that it can't, while it still does, so that whoever
 * distributes requests stops sending them; when the application closes, requests are refused.
 */
@Injectable()
export class Health implements OnModuleDestroy {
  private readonly checks: HealthCheck[] = [];
  private state: 'serving' | 'draining' | 'closing' = 'serving';

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  drain(): void {
    if (this.state === 'serving') this.state = 'draining';
  }

  onModuleDestroy(): void {
    this.state = 'closing';
  }

  get isClosing(): boolean {
    return this.state === 'closing';
  }

  /** The result of every check; never rejects. */
  async results(): Promise<HealthResult[]> {
    const serving = { name: 'process', ready: this.state === 'serving' };
    const own: HealthResult = serving.ready ? serving : { ...serving, detail: 'It is shutting down.' };
    return [own, ...(await Promise.all(this.checks.map(resultOf)))];
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
