import { Injectable } from '@nestjs/common';
import { orderHistory } from '#projections/order-history/order-history.projection';
import { streamOf } from '../../kernel/aggregate';
import { type Instant, parseInstant } from '../../kernel/instant';
import { ReadModels } from '../../kernel/read-models/read-models';
import { Causes } from '../causes';
import { differences } from '../differences';
import { rejected } from '../problems';
import { Questions } from '../questions';
import { StreamChanges } from '../stream-changes';
import { foldFor, NoSuchStream } from '../stream-history';
import { namedStream, STREAM_NAMES } from '../stream-names';
import { differenceView, nameView, readAsOf, stateView, stepView } from '../views';
import type { ChangeList } from './change-list';
import type { StepDto } from './history.dto';

/** Streams as analysts ask for them: any, at any instant, with what changed them. */
@Injectable()
export class StreamReader {
  private readonly changes: StreamChanges;

  constructor(
    private readonly questions: Questions,
    private readonly readModels: ReadModels,
  ) {
    this.changes = new StreamChanges(questions);
  }

  /** The name of the stream in the log. @throws Rejected `stream-unknown` */
  async nameOf(text: string): Promise<string> {
    const named = namedStream(text);
    if (!named) throw rejected('stream-unknown', { detail: `A stream is ${STREAM_NAMES}.` });
    if (named.kind === 'stream') return named.stream;
    const orders = this.readModels.query(orderHistory);
    const [order] = await orders.find({ orderNumber: named.number }, { limit: 1 });
    if (!order) throw rejected('stream-unknown', { detail: `There is no order ${named.number}.` });
    return streamOf('order', order.orderId);
  }

  /** @throws Rejected `stream-unknown` @throws InvalidInstant */
  async state(stream: string, instant: Instant) {
    return answered(
      readAsOf(this.questions.begin(), stream, instant).then((reading) => ({ ...reading, view: stateView(reading) })),
    );
  }

  /** @throws Rejected `stream-unknown` @throws InvalidInstant */
  async differences(stream: string, { from, to }: { readonly from: string; readonly to: string }) {
    const log = this.questions.begin();
    const [was, is] = await answered(
      Promise.all([parseInstant(from), parseInstant(to)].map((instant) => readAsOf(log, stream, instant))),
    );
    const changes = differences(was!.then.state, is!.then.state);
    return { ...nameView(stream), from: was!.asOf, to: is!.asOf, differences: changes.map(differenceView) };
  }

  /** @throws Rejected `stream-unknown` */
  async steps(stream: string): Promise<ChangeList<StepDto>> {
    const fold = await answered(foldFor(this.questions.begin(), stream));
    return {
      name: `steps of ${stream}`,
      length: await this.changes.length(stream),
      read: async (first, last) => {
        const steps = await this.changes.between(fold, stream, [first, last]);
        const causes = new Causes(this.questions.begin());
        return Promise.all(steps.map(async (step) => stepView(step, await causes.of(step.event))));
      },
    };
  }
}

/** What the history has no answer to, as a problem. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof NoSuchStream ? rejected('stream-unknown', { detail: error.message }) : error;
  }
}
