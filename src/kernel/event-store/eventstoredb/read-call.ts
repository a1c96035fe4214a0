import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { nextTurn } from '../../waiting';
import type { CallSlots } from './call-slots';
import type { Connection } from './connection';
import type { ReadCall } from './db-client';
import { isNotLeader, isStreamDeleted, NoAnswer, unavailable } from './errors';
import type { ReadResponse, WireEvent } from './read-responses';

/** Reads that come to an end by themselves. */
export class ReadCalls {
  constructor(
    private readonly connection: Connection,
    private readonly slots: CallSlots,
  ) {}

  /**
   * Calls `onEvent` with each event in turn. A stream that does not exist, or was deleted, has none.
   * @throws StoreUnavailable also when the server says nothing for as long as the connection's timeout; what it said before stays
   */
  async run(request: ReadReq, onEvent: (event: WireEvent) => void): Promise<void> {
    const { timeout, address } = this.connection;
    const giveBack = this.slots.tryTake() ?? (await this.slots.take(AbortSignal.timeout(timeout)));
    if (!giveBack) throw unavailable(new NoAnswer(timeout), address);
    try {
      await this.runOnLeader(request, onEvent);
    } catch (error) {
      if (!isStreamDeleted(error)) throw unavailable(error, address);
    } finally {
      giveBack();
    }
  }

  private async runOnLeader(request: ReadReq, onEvent: (event: WireEvent) => void): Promise<void> {
    try {
      await this.runOnce(request, onEvent);
    } catch (error) {
      if (!isNotLeader(error)) throw error;
      // The client has been told who the leader is, and turns to it.
      await nextTurn();
      await this.runOnce(request, onEvent);
    }
  }

  private runOnce(request: ReadReq, onEvent: (event: WireEvent) => void): Promise<void> {
    const { connection } = this;
    return new Promise((resolve, reject) => {
      let call: ReadCall | undefined;
      let ended = false;
      const end = (error?: unknown) => {
        if (ended) return;
        ended = true;
        clearTimeout(silence);
        if (error === undefined) return resolve();
        call?.cancel();
        reject(error as Error);
      };
      const silence = setTimeout(() => {
        connection.heardNothing();
        end(new NoAnswer(connection.timeout));
      }, connection.timeout);
      const listen = (opened: ReadCall) => {
        call = opened;
        call.on('error', end);
        call.on('end', () => end());
        call.on('data', ({ event }: ReadResponse) => {
          if (ended) return;
          silence.refresh();
          connection.heard();
          try {
            if (event) onEvent(event);
          } catch (error) {
            end(error);
          }
        });
        if (ended) call.cancel();
      };
      connection.current.openRead(request, listen).catch(end);
    });
  }
}
