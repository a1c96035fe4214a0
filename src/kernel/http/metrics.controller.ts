import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from './access';
import { Unlimited } from './limits/limited';
import { EXPOSITION_TYPE } from '../telemetry/exposition';
import { Metrics } from '../telemetry/metrics';

/** For Prometheus, on the port of operators: it asks for no token. */
@ApiExcludeController()
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Unlimited()
  @Header('content-type', EXPOSITION_TYPE)
  all(): Promise<string> {
    return this.metrics.text();
  }
}
