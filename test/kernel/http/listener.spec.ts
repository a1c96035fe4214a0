import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listener } from '#src/kernel/http/listener';
import { gate } from '../../support/recording-reader';

const LONG = 60_000;

interface Answered {
  readonly status: number;
  readonly connection: string | undefined;
}

let server: Server;
let listener: Listener;
let slow: ReturnType<typeof gate>;
let arrived: number;
let agent: Agent;
let sockets: Socket[];

/** Answers at once, and `/slow` when the test says so; heads go out as those of the shop do. */
beforeEach(async () => {
  slow = gate();
  arrived = 0;
  server = createServer((incoming, response) => {
    arrived++;
    void (async () => {
      if (incoming.url === '/slow') await slow.passed;
      if (listener.isLeaving) {
        response.setHeader('connection', 'close');
        await listener.mayAnswer();
      }
      response.end('done');
    })();
  });
  listener = new Listener(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  agent = new Agent({ keepAlive: true });
  sockets = [];
});

afterEach(async () => {
  agent.destroy();
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
});

const port = () => (server.address() as AddressInfo).port;

async function ask(path: string, at = port()): Promise<Answered> {
  const asked = request({ host: '127.0.0.1', port: at, path, agent, method: 'POST' }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return { status: answer.statusCode!, connection: answer.headers.connection };
}

async function spare(at = port()): Promise<Socket> {
  const socket = connect(at, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const refused = (at: number) =>
  ask('/', at).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );

describe('a listener that drains', () => {
  it('answers everything, each as the last of its connection, and takes new connections', async () => {
    expect(await ask('/')).toEqual({ status: 200, connection: 'keep-alive' });
    const drained = listener.drain(50);
    expect(await ask('/')).toEqual({ status: 200, connection: 'close' });
    expect(await ask('/')).toEqual({ status: 200, connection: 'close' });
    await drained;
    expect(await ask('/')).toEqual({ status: 200, connection: 'close' });
  });

  it('resolves at once where it never listened', async () => {
    const never = new Listener(createServer());
    await never.drain(LONG);
    await never.shut({ handOver: true, lastRequestsMs: LONG });
  });
});

describe.each([true, false])('a listener that is shut (hand over: %s)', (handOver) => {
  const shut = () => listener.shut({ handOver, lastRequestsMs: LONG });

  it('refuses new connections, and lets a request that is under way finish', async () => {
    const at = port();
    const underWay = ask('/slow');
    while (arrived === 0) await sleep(1);
    const closed = shut();
    while (server.listening) await sleep(1);
    expect(await refused(at)).toBe('ECONNREFUSED');
    slow.open();
    expect((await underWay).status).toBe(200);
    await closed;
  });

  it('waits neither for a connection that has sent nothing, nor for one that is idle', async () => {
    const untouched = await spare();
    await ask('/');
    const ends = once(untouched, 'close');
    await shut();
    await ends;
  });

  it('answers what has arrived in part, and closes a connection when its answer, begun before, is out', async () => {
    const early = ask('/slow');
    while (arrived === 0) await sleep(1);
    const half = await spare();
    half.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n');
    let text = '';
    const over = once(half, 'close');
    half.on('data', (chunk) => (text += String(chunk)));
    await sleep(20);
    const closed = shut();
    while (server.listening) await sleep(1);
    half.write('\r\nhi');
    slow.open();
    await Promise.all([closed, over]);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect((await early).status).toBe(200);
  });

  it('cuts what takes too long', async () => {
    const lost = ask('/slow').then(
      () => 'answered',
      () => 'cut',
    );
    while (arrived === 0) await sleep(1);
    await listener.shut({ handOver, lastRequestsMs: 20 });
    expect(await lost).toBe('cut');
  });

  it('loses no request of clients that go elsewhere when they are refused, or may not reuse a connection', async () => {
    const at = port();
    let answered = 0;
    let stopped = false;
    const failures: string[] = [];
    const client = async () => {
      while (!stopped) {
        try {
          await ask('/', at);
          answered++;
        } catch (error) {
          const { code, message } = error as NodeJS.ErrnoException;
          if (code === 'ECONNREFUSED') return;
          failures.push(code ?? message);
        }
      }
    };
    const clients = Array.from({ length: 4 }, client);
    while (answered < 50) await sleep(1);
    await listener.drain(50);
    await shut();
    stopped = true;
    await Promise.all(clients);
    if (handOver) expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(50);
  });
});
