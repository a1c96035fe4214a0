import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../http/access';
import { Unlimited } from '../http/limits/limited';
import { EXPOSITION_TYPE } from './exposition';
import { Metrics } from './metrics';

/** For Prometheus, from inside: it asks for no token, so whatever stands in front of the shop must not let it out. */
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
