import { Global, Module } from '@nestjs/common';
import { WritePath } from '../kernel/aggregates';
import { Past } from '../kernel/past';
import { CopyRefresher } from './columnar/copy-refresher';
import { CartChangesController } from './http/cart-changes.controller';
import { GraphReader } from './http/graph-reader';
import { HistoryController } from './http/history.controller';
import { OrderChanges } from './http/order-changes';
import { OrderChangesController } from './http/order-changes.controller';
import { ProductChangesController } from './http/product-changes.controller';
import { ResourceChanges } from './http/resource-changes';
import { StockChangesController } from './http/stock-changes.controller';
import { StreamReader } from './http/stream-reader';
import { HistoryPlace } from './history-place';
import { ExportDesk } from './jobs/export-desk';
import { ExportsController } from './jobs/exports.controller';
import { PastOfLog } from './past-of-log';
import { Questions } from './questions';
import { ReportController } from './report/report.controller';
import { ReportDesk } from './report/report-desk';
import { SqlController } from './sql/sql.controller';
import { SqlDesk } from './sql/sql-desk';

/** What was. Global, because controllers of contexts and read models answer `?asOf=` by the port in the kernel. */
@Global()
@Module({
  controllers: [
    CartChangesController,
    ExportsController,
    HistoryController,
    OrderChangesController,
    ProductChangesController,
    ReportController,
    SqlController,
    StockChangesController,
  ],
  providers: [
    {
      provide: CopyRefresher,
      inject: [{ token: HistoryPlace, optional: true }],
      useFactory: (place?: HistoryPlace) => place && new CopyRefresher(place),
    },
    {
      provide: ExportDesk,
      inject: [WritePath, { token: HistoryPlace, optional: true }],
      useFactory: (path: WritePath, place?: HistoryPlace) => place && new ExportDesk(place, path.store),
    },
    GraphReader,
    OrderChanges,
    {
      provide: Questions,
      inject: [WritePath, { token: HistoryPlace, optional: true }],
      useFactory: (path: WritePath, place?: HistoryPlace) => new Questions(path, place?.queryTimeoutMs),
    },
    { provide: Past, inject: [Questions], useFactory: (questions: Questions) => new PastOfLog(questions) },
    {
      provide: ReportDesk,
      inject: [{ token: CopyRefresher, optional: true }],
      useFactory: (refresher?: CopyRefresher) => refresher && new ReportDesk(refresher),
    },
    ResourceChanges,
    {
      provide: SqlDesk,
      inject: [{ token: CopyRefresher, optional: true }],
      useFactory: (refresher?: CopyRefresher) => refresher && new SqlDesk(refresher),
    },
    StreamReader,
  ],
  exports: [Past],
})
export class HistoryModule {}
