import { once } from 'node:events';
import type { Server } from 'node:net';
import { ConfigError } from '../config-variables';

export interface Place {
  readonly host: string;
  readonly port: number;
}

type PortVariable = 'PORT' | 'OPS_PORT';

/** What an operator can do about a port that can't be had, as the rest of a sentence. OPS_PORT has a value also where nobody has set it. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another program listens there, probably this shop, which is running already; else set $VARIABLE to a free port, or to 0',
  EACCES: 'this user may not listen there; set $VARIABLE to a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one that it has',
};

/** @throws ConfigError in one sentence when the port can't be had */
export async function listenOn(variable: PortVariable, place: Place, server: Server): Promise<void> {
  await asked(variable, place, async () => {
    server.listen(place.port, place.host);
    await once(server, 'listening');
  });
}

/** The same, for who listens in another way. */
export async function asked(
  variable: PortVariable,
  { host, port }: Place,
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const reason = REASONS[String((error as NodeJS.ErrnoException).code)];
    if (reason === undefined) throw error;
    throw new ConfigError(`${variable} ${port} can't be had at ${host}: ${reason.replace('$VARIABLE', variable)}.`);
  }
}
