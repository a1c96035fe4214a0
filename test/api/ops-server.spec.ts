import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '#src/config';
import { OpsServer } from '#src/app/ops-server';
import { scraped, valueOf } from '../support/exposition';

const options = { opsPort: 0, host: '127.0.0.1', role: 'api', version: '1.2.3' } as const;

describe('the port of operators', () => {
  let ops: OpsServer;
  let url: string;
  beforeEach(async () => {
    ops = await OpsServer.open(options);
    url = ops.url(options);
  });
  afterEach(() => ops.close());

  const ready = async () => {
    const answer = await fetch(`${url}/health/ready?verbose`);
    return { status: answer.status, type: answer.headers.get('content-type'), body: (await answer.json()) as object };
  };
  const states = async () => {
    const samples = scraped(await (await fetch(`${url}/metrics`)).text());
    const state = (name: string) => valueOf(samples, 'shop_process_state', { state: name });
    return ['waiting', 'building', 'running', 'draining'].filter((name) => state(name) === 1);
  };

  it('says from the first moment on that the process lives', async () => {
    const answer = await fetch(`${url}/health/live`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'live' }]);
  });

  it('says what the process waits for while its servers are away', async () => {
    ops.waits('The event store is away.');
    expect(await ready()).toMatchObject({
      status: 503,
      type: 'application/problem+json',
      body: {
        code: 'not-ready',
        instance: '/health/ready',
        checks: [{ name: 'servers', ready: false, detail: 'The event store is away.' }],
      },
    });
  });

  it('meters a process that can not serve: which release, in which role, and what it is at', async () => {
    expect(await states()).toEqual(['building']);
    ops.waits('The event store is away.');
    expect(await states()).toEqual(['waiting']);
    ops.drains();
    expect(await states()).toEqual(['draining']);
    const samples = scraped(await (await fetch(`${url}/metrics`)).text());
    expect(valueOf(samples, 'shop_info', { version: '1.2.3', role: 'api' })).toBe(1);
    expect(valueOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('hands over to the shop, on the same connections, and answers again when that has closed', async () => {
    let isOpen = true;
    ops.answeredBy((_, response) => {
      if (isOpen) response.writeHead(200, { 'content-type': 'text/plain' }).end('The shop.');
      return isOpen;
    });
    expect(await (await fetch(`${url}/health/ready`)).text()).toBe('The shop.');
    isOpen = false;
    ops.drains();
    expect(await ready()).toMatchObject({ status: 503, body: { detail: 'It is shutting down.' } });
  });

  it('that another program has is refused in one sentence that names the variable', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const opening = OpsServer.open({ ...options, opsPort: port });
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
    await expect(opening).rejects.toThrow(
      `OPS_PORT ${port} can't be had at 127.0.0.1: another program listens there, probably this shop, which is running already; else set OPS_PORT to a free port, or to 0.`,
    );
    other.close();
  });
});
