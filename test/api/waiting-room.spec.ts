import { WaitingRoom } from '#src/waiting-room';
import { freePort } from '../support/servers/java';

describe('a process whose servers are away', () => {
  let room: WaitingRoom;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    room = await WaitingRoom.open(port, '127.0.0.1');
    url = `http://127.0.0.1:${port}`;
  });

  it('lives', async () => {
    const answer = await fetch(`${url}/health/live`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'live' }]);
  });

  it('is not ready, and says what it waits for', async () => {
    room.says('The event store is away.');
    const answer = await fetch(`${url}/health/ready?verbose`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      code: 'not-ready',
      instance: '/health/ready',
      checks: [{ ready: false, detail: 'The event store is away.' }],
    });
  });

  it('answers everything else with 503 and when to try again', async () => {
    const answer = await fetch(`${url}/api/products`, { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  });

  it('makes room at once', async () => {
    await fetch(`${url}/health/live`);
    await room.close();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});
