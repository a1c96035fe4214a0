import type { EventMetadata } from '../events';
import type { JsonObject } from '../json';

const CLIENT_MEMORY_MS = 48 * 60 * 60 * 1000;
const PROCESS_MEMORY = 2_000;

/** What is remembered of a command: the revision of its last event, and the hash of what it asked for. */
export interface DoneCommand {
  readonly revision: number;
  readonly payloadHash: string;
}

interface Remembered extends DoneCommand {
  readonly recordedAt: number;
}

/**
 * The commands that a stream remembers, folded from the metadata of its events and from nothing else, so that every replay
 * remembers the same: clients' commands for 48 hours of recorded time before the stream's newest event, and the last 2,000 of
 * processes and of the system.
 */
export class CommandWindow {
  // Both in the order of their last event: the first is forgotten first.
  private readonly clients = new Map<string, Remembered>();
  private readonly processes = new Map<string, Remembered>();

  find(commandId: string): DoneCommand | undefined {
    return this.clients.get(commandId) ?? this.processes.get(commandId);
  }

  fold(revision: number, recordedAt: string, metadata: EventMetadata): void {
    const at = Date.parse(recordedAt);
    const { kind } = metadata.actor;
    const isClient = kind === 'account' || kind === 'guest';
    const commands = isClient ? this.clients : this.processes;
    commands.delete(metadata.commandId);
    commands.set(metadata.commandId, { revision, payloadHash: metadata.payloadHash, recordedAt: at });
    if (!isClient && commands.size > PROCESS_MEMORY) {
      for (const oldest of commands.keys()) {
        commands.delete(oldest);
        break;
      }
    }
    for (const [id, client] of this.clients) {
      if (client.recordedAt >= at - CLIENT_MEMORY_MS) break;
      this.clients.delete(id);
    }
  }

  toJson(): JsonObject {
    const rows = (commands: Map<string, Remembered>) =>
      [...commands].map(([id, { revision, payloadHash, recordedAt }]) => [id, revision, payloadHash, recordedAt]);
    return { clients: rows(this.clients), processes: rows(this.processes) };
  }

  static fromJson(json: JsonObject): CommandWindow {
    const window = new CommandWindow();
    type Row = [string, number, string, number];
    for (const [id, revision, payloadHash, recordedAt] of json['clients'] as unknown as Row[])
      window.clients.set(id, { revision, payloadHash, recordedAt });
    for (const [id, revision, payloadHash, recordedAt] of json['processes'] as unknown as Row[])
      window.processes.set(id, { revision, payloadHash, recordedAt });
    return window;
  }
}
