import { type Instant, INSTANTS, parseInstant } from '../../kernel/instant';
import type { CommandInput, HistoryCommand } from '../cli/command';
import { columns } from '../cli/describe';
import { Misuse } from '../cli/option-values';
import { describeDifferences, momentText, nameRow } from '../cli/step-text';
import { nameOfStream, streamIn } from '../cli/stream-argument';
import { differences } from '../differences';
import { STREAM_NAMES } from '../stream-names';
import { differenceView, nameView, readAsOf } from '../views';

export const diff: HistoryCommand = {
  name: 'diff',
  synopsis: '<stream or order number> <instant> <instant>',
  meaning: 'Shows how the state of an aggregate or a process differs between two instants.',
  options: {},
  notes: [`A stream is ${STREAM_NAMES}.`, `An instant is ${INSTANTS}.`],
  run,
};

async function run({ positionals, io, open }: CommandInput): Promise<void> {
  if (positionals.length < 3) throw new Misuse('Name a stream and two instants.');
  const named = streamIn(positionals.slice(0, -2));
  const [earlier, later] = positionals.slice(-2).map(parseInstant) as [Instant, Instant];
  const source = await open();
  const stream = await nameOfStream(named, source, io);
  const from = await readAsOf(source, stream, earlier);
  const to = await readAsOf(source, stream, later);
  const changes = differences(from.then.state, to.then.state);
  io.answer({ ...nameView(stream), from: from.asOf, to: to.asOf, differences: changes.map(differenceView) }, () => {
    const head = columns([nameRow(stream), ['from', momentText(from.asOf)], ['to', momentText(to.asOf)]]);
    return `${[...head, '', ...describeDifferences(changes, 0)].join('\n')}\n`;
  });
}
