import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from './access';
import { Health, type HealthResult } from './health';
import { Unlimited } from './limits/limited';
import { problem } from './problem';

/** For operators, on a port of their own. */
@ApiExcludeController()
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  /** Whether the process runs; restart it when this does not answer. */
  @Get('live')
  @Unlimited()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** Whether the process can serve requests now, and if not, which check says no. */
  @Get('ready')
  @Unlimited()
  async ready(): Promise<{ status: 'ready'; checks: HealthResult[] }> {
    const checks = await this.health.results();
    if (!checks.every(({ ready }) => ready)) throw problem('not-ready', { checks });
    return { status: 'ready', checks };
  }
}
