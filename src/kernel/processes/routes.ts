import { partsOf, streamOf } from '../aggregate';
import type { EventRegistry } from '../event-definitions';
import type { StoredEvent } from '../events';
import type { AnyProcess } from './process';
import { processEvents } from './process.events';

type Key = (event: StoredEvent) => string | null;

/** An instance that an event concerns. */
export interface Addressee {
  readonly process: AnyProcess;
  readonly stream: string;
}

/** Which processes there are, and which of their instances an event concerns. */
export class Routes {
  private readonly processes: ReadonlyMap<string, AnyProcess>;
  private readonly routes = new Map<string, { readonly process: AnyProcess; readonly keyOf: Key }[]>();

  constructor(processes: readonly AnyProcess[]) {
    this.processes = new Map(processes.map((process) => [process.name, process]));
    if (this.processes.size < processes.length) throw new Error('Two processes have the same name.');
    for (const process of processes)
      for (const [type, keyOf] of Object.entries(process.on))
        this.routes.set(type, [...(this.routes.get(type) ?? []), { process, keyOf: keyOf as Key }]);
  }

  /** Types of the events that concern anybody. */
  get types(): ReadonlySet<string> {
    return new Set(this.routes.keys());
  }

  addresseesOf(event: StoredEvent): Addressee[] {
    return (this.routes.get(event.type) ?? []).flatMap(({ process, keyOf }) => {
      const id = keyOf(event);
      return id === null ? [] : [{ process, stream: streamOf(process.name, id) }];
    });
  }

  /** Each instance's stream with the events that concern it, in their order. */
  byInstance(events: readonly StoredEvent[]): Map<string, StoredEvent[]> {
    const arriving = new Map<string, StoredEvent[]>();
    for (const event of events) {
      for (const { stream } of this.addresseesOf(event)) {
        const own = arriving.get(stream);
        if (own) own.push(event);
        else arriving.set(stream, [event]);
      }
    }
    return arriving;
  }

  /** The process whose streams have such a name; undefined: an earlier release may have had one that this one has not. */
  find(stream: string): AnyProcess | undefined {
    return this.processes.get(partsOf(stream).aggregate);
  }

  processOf(stream: string): AnyProcess {
    const process = this.find(stream);
    if (!process) throw new Error(`This release has no process for ${stream}.`);
    return process;
  }

  /** @throws Error when streams or events would not be the processes' own */
  check(registry: EventRegistry): void {
    const aggregates = new Set(Array.from(registry.all.values(), ({ aggregate }) => aggregate));
    for (const { name, on } of this.processes.values()) {
      if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw new Error(`Process ${name}: a name is camelCase.`);
      if (aggregates.has(name))
        throw new Error(`Process ${name} has the name of an aggregate; their streams would be the same.`);
      for (const type of Object.keys(on))
        if (type in processEvents.types)
          throw new Error(`Process ${name} listens to ${type}; processes never listen to processes.`);
    }
  }
}
