import { Injectable } from '@nestjs/common';
import type { StoredEvent } from '../../kernel/events';
import { SILENT } from '../cli/progress';
import { eventsAround } from '../graph/collect';
import { graphOf, type Graph } from '../graph/graph';
import { eventsInLog } from '../graph/scan';
import { rejected } from '../problems';
import { Questions } from '../questions';
import { answered } from './stream-reader';

/** Graphs of correlations. Of those for which the whole log is read there is one at a time, so that the shop hardly feels it. */
@Injectable()
export class GraphReader {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly questions: Questions) {}

  /** `stream`: where to begin; undefined: the whole log is read, until `signal`. @throws Rejected `correlation-unknown` or `stream-unknown` */
  async of(correlationId: string, stream: string | undefined, signal: AbortSignal): Promise<Graph> {
    const position = await this.questions.begin().store.head();
    const events =
      stream === undefined
        ? await this.scan(correlationId, signal)
        : await answered(eventsAround(this.questions.begin(), stream, correlationId));
    if (events.length === 0) throw rejected('correlation-unknown');
    return graphOf(events, position);
  }

  private scan(correlationId: string, signal: AbortSignal): Promise<StoredEvent[]> {
    const read = () => eventsInLog(this.questions.begin(), correlationId, { progress: SILENT, signal });
    const scan = this.last.then(read, read);
    this.last = scan.catch(() => undefined);
    return scan;
  }
}
