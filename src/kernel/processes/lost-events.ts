import type { StoredEvent } from '../events';
import { comparePositions, stampOf } from '../position';
import type { AnyProcess } from './process';
import { processEvents, type StoredProcessEvent } from './process.events';
import { Routes, type Addressee } from './routes';
import { Story } from './story';

/** An event that an instance should have reacted to, and never has. */
export interface LostEvent {
  /** Stream of the instance: `<process>-<id>`. */
  readonly instance: string;
  readonly event: StoredEvent;
}

/** Where the processes had come to when the log was read. */
export interface ProcessProgress {
  /** Stamp of their stored checkpoint; '' where it is not known: then only events before others that were decided on are judged. */
  readonly upTo: string;
  /** Whether an event, by its stamp, waits for an instance that is parked. */
  readonly waits: (instance: string, stamp: string) => boolean;
}

/** Finds the events that were lost by any process, from the whole log. Takes memory for one state of each instance. */
export class LostEvents {
  private readonly stories = new Map<string, Story>();
  private readonly routes: Routes;

  constructor(processes: readonly AnyProcess[]) {
    this.routes = new Routes(processes);
  }

  /** The next event of the log. */
  add(event: StoredEvent): void {
    if (event.type in processEvents.types) {
      const process = this.routes.find(event.stream);
      if (process) this.storyOf({ process, stream: event.stream }).told(event as StoredProcessEvent);
    } else {
      for (const addressee of this.routes.addresseesOf(event)) this.storyOf(addressee).happened(event);
    }
  }

  /** In the order of the log. */
  found({ upTo, waits }: ProcessProgress): LostEvent[] {
    const found = Array.from(this.stories, ([instance, story]) =>
      story
        .lostEvents(upTo)
        .filter(({ position }) => !waits(instance, stampOf(position)))
        .map((event) => ({ instance, event })),
    );
    return found.flat().sort((a, b) => comparePositions(a.event.position, b.event.position));
  }

  private storyOf({ process, stream }: Addressee): Story {
    const known = this.stories.get(stream);
    if (known) return known;
    const story = new Story(process);
    this.stories.set(stream, story);
    return story;
  }
}

/** Whether one event that concerns an instance was lost, by all that the instance has stored. `upTo`: as in `ProcessProgress`. */
export function isLost(
  process: AnyProcess,
  told: readonly StoredProcessEvent[],
  event: StoredEvent,
  upTo: string,
): boolean {
  const story = new Story(process);
  const isBefore = ({ position }: StoredProcessEvent) => comparePositions(position, event.position) < 0;
  for (const own of told.filter(isBefore)) story.told(own);
  story.happened(event);
  for (const own of told.filter((own) => !isBefore(own))) story.told(own);
  return story.lostEvents(upTo).length > 0;
}
