import { Global, Module } from '@nestjs/common';
import { Health } from './health';
import { HealthController } from './health.controller';
import { ProblemsController } from './problems.controller';

/** What every HTTP server of this code base has; `createHttpApp` brings it along. */
@Global()
@Module({ controllers: [HealthController, ProblemsController], providers: [Health], exports: [Health] })
export class HttpModule {}
