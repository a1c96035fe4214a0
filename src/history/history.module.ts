import { Global, Module } from '@nestjs/common';
import { WritePath } from '../kernel/aggregates';
import { Past } from '../kernel/past';
import { PastOfLog } from './past-of-log';

/** What was. Global, because controllers of contexts and read models answer `?asOf=` by the port in the kernel. */
@Global()
@Module({
  providers: [{ provide: Past, inject: [WritePath], useFactory: (path: WritePath) => new PastOfLog(path) }],
  exports: [Past],
})
export class HistoryModule {}
