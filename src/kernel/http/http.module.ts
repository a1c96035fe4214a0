import { Global, Module } from '@nestjs/common';
import { Metrics } from '../telemetry/metrics';
import { MetricsController } from './metrics.controller';
import { Health } from './health';
import { HealthController } from './health.controller';
import { ProblemsController } from './problems.controller';

/** What every HTTP server of this code base has; `createHttpApp` brings it along. */
@Global()
@Module({
  controllers: [HealthController, MetricsController, ProblemsController],
  providers: [Health, Metrics],
  exports: [Health, Metrics],
})
export class HttpModule {}
