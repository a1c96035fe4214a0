import { type Instant, INSTANTS, parseInstant } from '../../kernel/instant';
import { Causes } from '../causes';
import type { CommandInput, HistoryCommand } from '../cli/command';
import { columns, describe } from '../cli/describe';
import type { Io } from '../cli/io';
import { describeStep, momentText, nameRow } from '../cli/step-text';
import { nameOfStream, streamIn } from '../cli/stream-argument';
import type { HistorySource } from '../source';
import { stepsOf } from '../stream-history';
import { STREAM_NAMES } from '../stream-names';
import { readAsOf, stateView, stepView, type Reading } from '../views';

export const show: HistoryCommand = {
  name: 'show',
  synopsis: '<stream or order number> [--as-of <instant>] [--steps]',
  meaning: 'Shows what an aggregate or a process had come to, and how.',
  options: {
    'as-of': { type: 'string', value: '<instant>', meaning: 'When; without it: now.' },
    steps: { type: 'boolean', meaning: 'Also every event until then: what it changed, when, by whom and why.' },
  },
  notes: [`A stream is ${STREAM_NAMES}.`, `An instant is ${INSTANTS}.`],
  run,
};

async function run({ positionals, values, io, open }: CommandInput): Promise<void> {
  const named = streamIn(positionals);
  const asked = parseInstant(values.text('as-of') ?? 'now');
  const source = await open();
  const stream = await nameOfStream(named, source, io);
  const reading = await readAsOf(source, stream, asked);
  if (!values.flag('steps')) return io.answer(stateView(reading), () => textOf(reading));
  const { settled } = reading;
  if (io.json) return io.answer({ ...stateView(reading), steps: await stepViews(source, stream, settled) }, String);
  await tellSteps(source, stream, settled, io);
  io.out(textOf(reading));
}

async function stepViews(source: HistorySource, stream: string, instant: Instant) {
  const causes = new Causes(source);
  const views: ReturnType<typeof stepView>[] = [];
  for await (const page of stepsOf(source, stream, instant))
    for (const step of page) views.push(stepView(step, await causes.of(step.event)));
  return views;
}

/** Page by page, because a stream may be long. */
async function tellSteps(source: HistorySource, stream: string, instant: Instant, io: Io): Promise<void> {
  const causes = new Causes(source);
  for await (const page of stepsOf(source, stream, instant)) {
    for (const step of page) io.out(lines(describeStep(step, await causes.of(step.event))));
    await io.drained();
  }
}

function textOf({ then: { stream, newest, state }, asOf }: Reading): string {
  const head = columns([nameRow(stream), ['as of', momentText(asOf)]]);
  return lines([...head, '', ...(newest ? describe(state) : ['It did not exist yet.'])]);
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
