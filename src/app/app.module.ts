import type { DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ProjectionsModule } from '#projections/projections.module';
import { allContexts } from '../contexts';
import { HistoryModule } from '../history/history.module';
import { IntegrationModule } from '../integration/integration.module';
import { OperationsModule } from '../operations/operations.module';

class AppModule {}

/** The shop: every context, what stands around them, and the servers that all of it works on. */
export async function appModule(servers: DynamicModule): Promise<DynamicModule> {
  const contexts = await Promise.all(allContexts.map(async ({ module }) => module()));
  return {
    module: AppModule,
    imports: [
      CqrsModule.forRoot(),
      servers,
      ...contexts,
      ProjectionsModule,
      IntegrationModule,
      HistoryModule,
      OperationsModule,
    ],
  };
}
