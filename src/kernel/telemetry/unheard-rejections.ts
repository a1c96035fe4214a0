import { Logger } from '@nestjs/common';
import type { Metric } from './metric';

let unheard = 0;

/**
 * From now on a rejection that nobody hears is logged and counted, and the process goes on; without this, Node ends it. It is
 * for processes that answer clients: what one request has left undone must not cut off all the others. An exception that nobody
 * catches ends the process all the same, because what it interrupted may be half done.
 */
export function surviveUnheardRejections(): void {
  const logger = new Logger('Process');
  process.on('unhandledRejection', (reason) => {
    unheard++;
    logger.error('A rejection was not heard by anybody', reason instanceof Error ? reason.stack : String(reason));
  });
}

/** Of this process, since it started. */
export const unheardRejections: Metric<unknown> = {
  name: 'process_unheard_rejections_total',
  help: 'Rejected promises that nobody waited for: each is a defect of the shop, and is in the log.',
  type: 'counter',
  values: () => unheard,
};
