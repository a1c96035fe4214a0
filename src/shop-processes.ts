import { Logger } from '@nestjs/common';
import type { FeedWork } from './kernel/feed/feed-works';
import { ProcessOperations } from './kernel/processes/process-operations';
import { ProcessRunner, type ProcessRunnerOptions } from './kernel/processes/process-runner';
import { RetryRequests } from './kernel/processes/retry-requests';

/** The process managers of this process, while it runs them: a new runner each time that it takes them up. */
export class ShopProcesses {
  private readonly logger = new Logger('Processes');
  private runner: ProcessRunner | null = null;
  private answering = new AbortController();

  /** As operators see them, also while another process runs them. */
  readonly operations: ProcessOperations;

  constructor(private readonly options: () => ProcessRunnerOptions) {
    this.operations = new ProcessOperations(options().readModels, () => this.runner);
  }

  /** What `FeedWorks` starts and ends. */
  readonly work: FeedWork = {
    name: 'processes',
    reader: () => {
      const runner = (this.runner = new ProcessRunner(this.options()));
      this.answering = new AbortController();
      void new RetryRequests(this.options().readModels).serve(runner, this.answering.signal, (error) =>
        this.logger.debug(`Requests of operators could not be read: ${String(error)}`),
      );
      return runner;
    },
    ended: () => {
      this.answering.abort();
      this.runner = null;
    },
  };

  stop(): void {
    this.work.ended?.();
  }
}
