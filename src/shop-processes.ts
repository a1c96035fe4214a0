import { Logger } from '@nestjs/common';
import type { FeedWork } from './kernel/feed/feed-works';
import { ProcessOperations } from './kernel/processes/process-operations';
import { ProcessRunner, type ProcessRunnerOptions } from './kernel/processes/process-runner';
import { RetryRequests } from './kernel/processes/retry-requests';
import type { ReadModelStore } from './kernel/read-models/read-model-store';

export interface ShopProcessesOptions {
  readonly readModels: ReadModelStore;
  /** Whether operators may ask by way of another process. */
  readonly shared: boolean;
  /** Of a new runner. */
  runner(): ProcessRunnerOptions;
}

/** The process managers of this process, while it runs them: a new runner each time that it takes them up. */
export class ShopProcesses {
  private readonly logger = new Logger('Processes');
  private readonly requests: RetryRequests;
  private runner: ProcessRunner | null = null;
  private answering = new AbortController();

  /** As operators see them, also while another process runs them. */
  readonly operations: ProcessOperations;

  constructor(private readonly options: ShopProcessesOptions) {
    this.requests = new RetryRequests(options.readModels);
    this.operations = new ProcessOperations(options.readModels, this.requests, () => this.runner);
  }

  /** What `FeedWorks` starts and ends. */
  readonly work: FeedWork = {
    name: 'processes',
    reader: () => {
      const runner = (this.runner = new ProcessRunner(this.options.runner()));
      if (this.options.shared) this.answer(runner);
      return runner;
    },
    ended: () => {
      this.answering.abort();
      this.runner = null;
    },
  };

  private answer(runner: ProcessRunner): void {
    this.answering = new AbortController();
    void this.requests.serve(runner, this.answering.signal, (error) =>
      this.logger.debug(`Requests of operators could not be read: ${String(error)}`),
    );
  }
}
