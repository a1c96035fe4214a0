import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from './access';
import { Problems } from './docs.decorators';
import { Health, type HealthResult } from './health';
import { Unlimited } from './limits/limited';
import { problem } from './problem';

@ApiTags('operation')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @Unlimited()
  @ApiOperation({ summary: 'Whether the process runs; restart it when this does not answer.' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Unlimited()
  @ApiOperation({ summary: 'Whether the process can serve requests now, and if not, which check says no.' })
  @Problems('not-ready')
  async ready(): Promise<{ status: 'ready'; checks: HealthResult[] }> {
    const checks = await this.health.results();
    if (!checks.every(({ ready }) => ready)) throw problem('not-ready', { checks });
    return { status: 'ready', checks };
  }
}
