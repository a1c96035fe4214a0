import type { ServerDuplexStream } from '@grpc/grpc-js';
import { BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { streamOf } from './append-call';
import { type Appender, uuidOf } from './appender';
import type { Clock } from '#src/kernel/clock';
import type { AppendOutcome, Expected } from './appends';
import { batchResponse } from './batch-append-responses';
import type { CallFaults } from './faults';
import type { Gate } from './gate';
import { failed, type Refusal } from './refusals';

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** An append whose chunks are being collected, or that is being stored. */
interface Pending {
  readonly id: string;
  readonly stream: string;
  readonly expected: Expected;
  readonly messages: BatchAppendReq.ProposedMessage[];
  readonly deadline: NodeJS.Timeout;
}

/** Many appends in one call that goes on for as long as the client is there; each is answered by its correlation id. */
class BatchAppendCall {
  private readonly pending = new Map<string, Pending>();
  private asked = true;
  private ended = false;

  constructor(
    private readonly call: Call,
    private readonly appender: Appender,
    private readonly gate: Gate,
    private readonly faults: CallFaults,
    private readonly clock: Clock,
  ) {
    call.on('data', (request: BatchAppendReq) => this.receive(request));
    call.on('end', () => {
      this.asked = false;
      this.endIfDone();
    });
    call.on('cancelled', () => this.end());
  }

  private receive(request: BatchAppendReq): void {
    const refusal = this.gate.refusalOf(this.call.metadata);
    if (refusal) this.end(refusal);
    const id = uuidOf(request.getCorrelationId());
    if (this.ended || id === undefined) return;
    const options = request.getOptions();
    if (options) this.begin(id, options);
    const append = this.pending.get(id);
    // The rest of an append that was answered with a timeout is dropped.
    if (!append) return;
    append.messages.push(...request.getProposedMessagesList());
    if (request.getIsFinal()) void this.finish(append).catch((error: unknown) => this.end(failed(error)));
  }

  private begin(id: string, options: BatchAppendReq.Options): void {
    const left = this.millisecondsFor(options.getDeadline()?.toDate());
    const append: Pending = {
      id,
      stream: streamOf(options.getStreamIdentifier()),
      expected: expectedOf(options),
      messages: [],
      deadline: setTimeout(() => this.answer(append, { kind: 'timeout' }), left),
    };
    this.pending.set(id, append);
    if (left === 0) this.answer(append, { kind: 'timeout' });
  }

  /** The deadline is judged by the clock of the node, and nobody gets more than its write timeout. At least 0. */
  private millisecondsFor(deadline: Date | undefined): number {
    const { writeTimeout } = this.appender;
    const left = deadline ? deadline.getTime() - this.clock.now().getTime() : writeTimeout;
    return Math.min(Math.max(left, 0), writeTimeout);
  }

  private async finish(append: Pending): Promise<void> {
    await this.faults.delay();
    const outcome = await this.appender.append(append, append.messages);
    this.faults.reply(() => this.answer(append, outcome));
    // Who waits for a reply that is being kept hears nothing at all.
    clearTimeout(append.deadline);
  }

  /** Answers an append once, whatever comes later. */
  private answer(append: Pending, outcome: AppendOutcome): void {
    clearTimeout(append.deadline);
    if (this.pending.delete(append.id)) this.call.write(batchResponse(append, outcome));
    this.endIfDone();
  }

  private endIfDone(): void {
    if (!this.asked && this.pending.size === 0) this.end();
  }

  private end(refusal?: Refusal): void {
    if (this.ended) return;
    this.ended = true;
    for (const { deadline } of this.pending.values()) clearTimeout(deadline);
    this.pending.clear();
    if (refusal) this.call.emit('error', refusal);
    else this.call.end();
  }
}

export const serveBatchAppend = (appender: Appender, gate: Gate, faults: CallFaults, clock: Clock) => (call: Call) =>
  void new BatchAppendCall(call, appender, gate, faults, clock);

function expectedOf(options: BatchAppendReq.Options): Expected {
  const { STREAM_POSITION, NO_STREAM, STREAM_EXISTS } = BatchAppendReq.Options.ExpectedStreamPositionCase;
  switch (options.getExpectedStreamPositionCase()) {
    case STREAM_POSITION:
      return Number(options.getStreamPosition());
    case NO_STREAM:
      return 'no_stream';
    case STREAM_EXISTS:
      return 'stream_exists';
    default:
      return 'any';
  }
}
