import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Faults, FaultState } from './faults';

/** The faults of a node in another process: `POST <url>/<method>` with what the method takes as JSON, answered with what it gives. */
export async function openControlPort(faults: Faults): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    answerOf(faults, request).then(
      (answer) => response.end(JSON.stringify(answer ?? null)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

async function answerOf(faults: Faults, request: IncomingMessage): Promise<unknown> {
  const argument = await json(request);
  switch (request.url) {
    case '/set':
      return faults.set(argument as Partial<FaultState>);
    case '/heldReplies':
      return faults.heldReplies();
    case '/disconnect':
      return faults.disconnect();
    case '/storeSystemEvent':
      return faults.storeSystemEvent();
    default:
      throw new Error(`There is no ${request.method} ${request.url} here.`);
  }
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** The faults of the node that listens for them at this address. */
export function remoteFaults(url: string): Faults {
  const call = async (method: keyof Faults, argument: unknown = null): Promise<unknown> => {
    const response = await fetch(`${url}/${method}`, { method: 'POST', body: JSON.stringify(argument) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  return {
    set: async (change) => void (await call('set', change)),
    heldReplies: async () => (await call('heldReplies')) as number,
    disconnect: async () => void (await call('disconnect')),
    storeSystemEvent: async () => void (await call('storeSystemEvent')),
  };
}
