import { type MethodDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveAppend } from './append-call';
import { Appender } from './appender';
import { serveBatchAppend } from './batch-append-call';
import { CallFaults, type Faults, NodeClock } from './faults';
import { type Credentials, Gate } from './gate';
import { NodeLog } from './node-log';
import { serveFeatures, serveGossip } from './node-services';
import { serveRead } from './read-call';
import { waysOf } from './subscription';
import { storeFirstEvents, storeStatistics } from './system-events';

export interface EventStoreNodeOptions {
  /** Where the log is kept; default: a folder of its own, which goes with the node. */
  readonly folder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Files of a certificate and its key in PEM; default: no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Who may call; default: everybody. Clients send them over TLS only. */
  readonly credentials?: Credentials;
  /** False for a server that does not know `BatchAppend`. */
  readonly batchAppend?: boolean;
  /** What it says its version is; it does as that one does. */
  readonly version?: string;
  /** Milliseconds that it gives a write before it answers that it does not know what became of it. */
  readonly writeTimeout?: number;
  /** Milliseconds that its clock is ahead of this machine's at first; negative: behind. */
  readonly clockAhead?: number;
}

export interface EventStoreNode {
  /** Connection string, without credentials. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  /** Ends all calls and closes the log. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const VERSION = '24.10.0';
/** As a server has it that nobody has configured otherwise. */
const WRITE_TIMEOUT = 2_000;

/** What a real node allows. */
const LIMITS = {
  'grpc.max_concurrent_streams': 100,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
};

/** `Read` with responses that are encoded already. */
const readMethod = {
  ...StreamsService.read,
  responseSerialize: (response: Buffer) => response,
} as unknown as MethodDefinition<object, object>;

/**
 * An EventStoreDB of one node for tests: its gRPC protocol (version 1; streams, server features, gossip), on the core of the
 * embedded event store. It deletes nothing, and knows no links, projections, access rules or persistent subscriptions.
 * @throws DataFolderLocked when another node uses the folder
 * @throws Error when the port is taken
 */
export async function startEventStoreNode(options: EventStoreNodeOptions = {}): Promise<EventStoreNode> {
  const { tls, credentials = null, batchAppend = true, version = VERSION } = options;
  const { writeTimeout = WRITE_TIMEOUT, clockAhead = 0 } = options;
  if (credentials && !tls) throw new Error('Clients send credentials over TLS only: give the node a certificate too.');
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'eventstore-node-'));
  const callFaults = new CallFaults();
  callFaults.set({ clockAhead });
  const clock = new NodeClock(callFaults);
  const log = await NodeLog.open(folder, clock);
  await storeFirstEvents(log);
  const closing = new AbortController();
  let port = 0;

  const server = new Server(LIMITS);
  const gate = new Gate(credentials, callFaults);
  const appender = new Appender(log, callFaults, writeTimeout, closing.signal);
  const streams = {
    read: serveRead(log, gate, callFaults, waysOf(version), closing.signal),
    append: serveAppend(appender, gate, callFaults),
    ...(batchAppend && { batchAppend: serveBatchAppend(appender, gate, callFaults, clock) }),
  };
  server.addService({ ...StreamsService, read: readMethod }, streams);
  server.addService(ServerFeaturesService, {
    getSupportedMethods: serveFeatures(callFaults, StreamsService, Object.keys(streams), version),
  });
  server.addService(GossipService, { read: serveGossip(callFaults, clock, HOST, () => port) });

  const stop = async () => {
    closing.abort();
    server.forceShutdown();
    await log.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    port = await listen(server, options.port ?? 0, tls);
  } catch (error) {
    await stop();
    throw error;
  }
  // The name that a certificate is checked for may not be an address (RFC 6066, section 3).
  const url = tls
    ? `esdb://localhost:${port}?tls=true&tlsCAFile=${encodeURIComponent(tls.certificate)}`
    : `esdb://${HOST}:${port}?tls=false`;
  const faults: Faults = {
    set: async (change) => callFaults.set(change),
    heldReplies: async () => callFaults.heldReplies,
    disconnect: async () => server.drain(`${HOST}:${port}`, 0),
    storeSystemEvent: () => storeStatistics(log),
  };
  return { url, port, faults, stop };
}

function listen(server: Server, port: number, tls: EventStoreNodeOptions['tls']): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(null, [
        { cert_chain: readFileSync(tls.certificate), private_key: readFileSync(tls.key) },
      ])
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync(`${HOST}:${port}`, credentials, (error, bound) => {
      if (error) reject(new Error(`The node can't listen on port ${port}: ${error.message}.`, { cause: error }));
      else resolve(bound);
    });
  });
}
