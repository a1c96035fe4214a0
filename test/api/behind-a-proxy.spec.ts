import { Controller, Get } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '#src/kernel/http/access';
import { createHttpApp } from '#src/kernel/http/http-app';
import { HttpRequest } from '#src/kernel/http/request';
import { moduleWith } from '../support/http-kernel';

@Public()
@Controller('who')
class WhoController {
  @Get()
  asks(@HttpRequest() request: FastifyRequest): { address: string } {
    return { address: request.ip };
  }
}

/** The address that the shop takes for that of who asks. */
async function addressOf(trustedProxies: readonly string[], connects: string, forwardedFor: string): Promise<string> {
  const config = { bodyLimit: 1_000, publicUrl: 'http://localhost:3000', trustedProxies };
  const app = await createHttpApp(moduleWith(WhoController), config, { nest: { logger: false } });
  try {
    await app.init();
    const headers = { 'x-forwarded-for': forwardedFor };
    return (await app.inject({ url: '/who', remoteAddress: connects, headers })).json().address;
  } finally {
    await app.close();
  }
}

describe('who asks, for limits on attempts', () => {
  it('is who connects, whatever X-Forwarded-For says', async () => {
    expect(await addressOf([], '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
  });

  it.each([
    ['its address', ['192.0.2.1']],
    ['its network', ['10.0.0.0/8', '192.0.2.0/24']],
  ])('is who a proxy says, when it is trusted by %s', async (_, trusted) => {
    expect(await addressOf(trusted, '192.0.2.1', '198.51.100.7')).toBe('198.51.100.7');
  });

  it('is who connects when that is no proxy that is trusted', async () => {
    expect(await addressOf(['10.0.0.0/8'], '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
  });

  it('is the last one that no trusted proxy stands for: a client cannot put another in front', async () => {
    expect(await addressOf(['10.0.0.0/8'], '10.0.0.1', '203.0.113.9, 198.51.100.7, 10.0.0.2')).toBe('198.51.100.7');
  });
});
