import type { StoredEvent } from '../../kernel/events';
import type { CommandInput, HistoryCommand } from '../cli/command';
import type { Io } from '../cli/io';
import { Misuse } from '../cli/option-values';
import { nameOfStream, streamIn } from '../cli/stream-argument';
import { eventsAround } from '../graph/collect';
import { GRAPH_FORMATS, graphText } from '../graph/formats';
import { graphOf } from '../graph/graph';
import { eventsInLog } from '../graph/scan';
import { type HistorySource, lengthOf } from '../source';
import { NoSuchStream } from '../stream-history';
import { STREAM_NAMES } from '../stream-names';

export const graph: HistoryCommand = {
  name: 'graph',
  synopsis: '<correlation id, stream or order number> [--format mermaid|dot|json]',
  meaning: 'Draws what followed from a request: commands, events, and the reactions of processes.',
  options: {
    format: { type: 'string', value: '<format>', meaning: 'mermaid (default), dot (Graphviz) or json.' },
    correlation: { type: 'string', value: '<id>', meaning: 'Of the stream, only what belongs to this correlation.' },
  },
  notes: [
    'For a correlation id the whole log is read. From a stream or an order the graph is followed, which is quick, and leaves out',
    'claims on names (skus, slugs, e-mail addresses).',
    `A stream is ${STREAM_NAMES}.`,
  ],
  run,
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function run({ positionals, values, io, open }: CommandInput): Promise<void> {
  const format = values.oneOf('format', GRAPH_FORMATS, io.json ? 'json' : 'mermaid');
  if (io.json && format !== 'json') throw new Misuse(`--json and --format ${format} contradict each other.`);
  const correlationId = values.text('correlation')?.toLowerCase();
  const isAboutAll = positionals.length === 1 && UUID.test(positionals[0]!);
  if (isAboutAll && correlationId !== undefined) throw new Misuse('--correlation goes with a stream.');
  const named = isAboutAll ? null : streamIn(positionals);
  const source = await open();
  const position = await source.store.head();
  const events = named
    ? await eventsAround(source, await nameOfStream(named, source, io), correlationId)
    : await eventsOf(positionals[0]!.toLowerCase(), source, io);
  io.out(graphText(graphOf(events, position), format));
}

async function eventsOf(correlationId: string, source: HistorySource, io: Io): Promise<StoredEvent[]> {
  const progress = io.progress('Reading events', await lengthOf(source.store));
  const events = await eventsInLog(source, correlationId, { progress });
  if (events.length === 0) throw new NoSuchStream(`No event belongs to the correlation ${correlationId}.`);
  return events;
}
