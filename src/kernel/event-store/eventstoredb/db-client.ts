import { EventStoreDBClient, type SingleNodeOptions } from '@eventstore/db-client';
import { StreamsClient, StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  ReadReq,
} from '@eventstore/db-client/generated/streams_pb';
import type { ClientDuplexStream, ClientReadableStream } from '@grpc/grpc-js';
import type { ConnectionSettings } from './connection-string';
import { type ReadResponse, readResponse } from './read-responses';

export type BatchCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;
export type ReadCall = ClientReadableStream<ReadResponse>;

/** Whatever is asked is asked of the leader: others may answer what has passed. */
const OF_THE_LEADER = { requiresLeader: true };
/** Calls that end when the caller says so. */
const WITHOUT_DEADLINE = { deadline: Infinity };

/**
 * The client, with its calls as they are on the wire. Connecting, finding the leader, TLS and credentials are the client's. Its
 * own `appendToStream` is not used: when a connection breaks under load, it rejects promises that nobody can catch, which ends the
 * process, and it keeps what waits for an answer in one list for all clients. Its own reads are not used, because each event
 * passes through one more stream there.
 */
export class DbClient extends EventStoreDBClient {
  constructor({ nodes, channel, credentials }: ConnectionSettings) {
    super(nodes as SingleNodeOptions, channel, credentials);
    const { handleError } = this;
    // It may wait for a new connection on behalf of nobody: who asks for that connection is told that it failed.
    this.handleError = (client, error) => handleError(client, error).catch(() => undefined);
  }

  /** As the server says it; `unknown` when it can't say. */
  async serverVersion(): Promise<string> {
    return (await this.capabilities).serverVersion;
  }

  /** Whether many appends can share one call. */
  takesBatches(): Promise<boolean> {
    return this.supports(StreamsService.batchAppend);
  }

  /** `listen` is given the call before anything can happen to it. */
  openBatch(listen: (call: BatchCall) => void): Promise<BatchCall> {
    return this.GRPCStreamCreator(StreamsClient, 'batchAppend', (client) =>
      listening(client.batchAppend(...this.callArguments(OF_THE_LEADER, WITHOUT_DEADLINE)), listen),
    )();
  }

  /** `listen` is given the call before anything can happen to it. */
  openRead(request: ReadReq, listen: (call: ReadCall) => void): Promise<ReadCall> {
    return this.GRPCStreamCreator(StreamsClient, 'read', (client) =>
      listening(
        client.makeServerStreamRequest(
          StreamsService.read.path,
          StreamsService.read.requestSerialize,
          readResponse,
          request,
          ...this.callArguments(OF_THE_LEADER, WITHOUT_DEADLINE),
        ),
        listen,
      ),
    )();
  }

  /** One append in a call of its own, which is given up at `deadline`, or when the signal is aborted. */
  append(messages: readonly AppendReq[], deadline: Date, signal: AbortSignal): Promise<AppendResp> {
    return this.execute(
      StreamsClient,
      'append',
      (client) =>
        new Promise((resolve, reject) => {
          const [metadata, options] = this.callArguments(OF_THE_LEADER, { deadline });
          const call = client.append(metadata, options, (error, response) =>
            error ? reject(error) : resolve(response),
          );
          call.on('error', reject);
          signal.addEventListener('abort', () => call.cancel(), { once: true });
          for (const message of messages) call.write(message);
          call.end();
        }),
    );
  }

  /** Ends all calls and the connection. */
  async close(): Promise<void> {
    await this.dispose();
    await this.getChannel().then(
      (channel) => channel.close(),
      () => undefined, // there never was a connection
    );
  }
}

function listening<C>(call: C, listen: (call: C) => void): C {
  listen(call);
  return call;
}
