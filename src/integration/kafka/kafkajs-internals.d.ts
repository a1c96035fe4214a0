/*
 * Parts of kafkajs 2.2.4 that its public API does not show, as far as they are used here. kafkajs has had no release since
 * February 2023; a test fails when another version is installed.
 */

declare module 'kafkajs/package.json' {
  export const version: string;
}

declare module 'kafkajs/src/network/requestQueue' {
  /** What waits for a connection to a broker. */
  class RequestQueue {
    constructor(options: {
      readonly maxInFlightRequests: number | null;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: { debug(message: string, extra?: object): void };
    });
    readonly pending: readonly unknown[];
    push(request: {
      readonly entry: { readonly correlationId: number; resolve(answer: unknown): void; reject(error: Error): void };
      readonly expectResponse: boolean;
      readonly sendRequest: () => void;
    }): void;
    /** Nothing is sent for so many milliseconds. */
    maybeThrottle(milliseconds: number): void;
    /** Sets a timer for a look at what waits. */
    scheduleCheckPendingRequests(): void;
    /** Sends what may be sent now. */
    checkPendingRequests(): void;
    destroy(): void;
  }
  export = RequestQueue;
}

declare module 'kafkajs/src/network/socketFactory' {
  import type { ISocketFactory } from 'kafkajs';
  function defaultSocketFactory(): ISocketFactory;
  export = defaultSocketFactory;
}

declare module 'kafkajs/src/network/connection' {
  import type { ISocketFactory, Logger } from 'kafkajs';
  /** One connection to one broker. */
  class Connection {
    constructor(options: {
      readonly host: string;
      readonly port: number;
      readonly ssl: boolean;
      readonly clientId: string;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
      readonly socketFactory: ISocketFactory;
      readonly logger: Logger;
    });
    connect(): Promise<true>;
    send<T>(request: import('kafkajs/src/protocol/requests').Request<T>): Promise<T>;
    disconnect(): Promise<true>;
  }
  export = Connection;
}

declare module 'kafkajs/src/protocol/requests' {
  /** How a request is written and its answer read. */
  export interface Request<T> {
    readonly request: object;
    readonly response: { parse(data: unknown): Promise<T> };
  }
  interface Definition {
    /** Those that kafkajs speaks, as text. */
    readonly versions: readonly string[];
  }
  interface ApiVersionsDefinition extends Definition {
    protocol(options: { readonly version: 0 }): () => Request<{
      readonly apiVersions: readonly {
        readonly apiKey: number;
        readonly minVersion: number;
        readonly maxVersion: number;
      }[];
    }>;
  }
  export const requests: { readonly ApiVersions: ApiVersionsDefinition } & Readonly<Record<string, Definition>>;
}

declare module 'kafkajs/src/protocol/requests/apiKeys' {
  const apiKeys: Readonly<Record<string, number>>;
  export = apiKeys;
}

declare module 'kafkajs/src/consumer/batch' {
  /** What one fetch answered of one partition, without control records and what was aborted. */
  class Batch {
    constructor(topic: string, fetchedOffset: string, data: object);
    readonly messages: readonly import('kafkajs').KafkaMessage[];
    /** With them. */
    readonly rawMessages: readonly { readonly offset: string }[];
  }
  export = Batch;
}
