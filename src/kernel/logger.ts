import type { LoggerService } from '@nestjs/common';

/** Where the read path says what an operator should know; Nest's `Logger` is one. */
export type ReadPathLogger = Pick<LoggerService, 'log' | 'warn' | 'error'>;
