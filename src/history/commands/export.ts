import { resolve } from 'node:path';
import { parseInstant, textOfInstant } from '../../kernel/instant';
import type { CommandInput, HistoryCommand } from '../cli/command';
import { Misuse, type OptionValues } from '../cli/option-values';
import { exportLog } from '../export/export-log';
import { allFormats } from '../export/formats/all-formats';
import type { ExportFormat } from '../export/formats/format';
import { MANIFEST, type Manifest } from '../export/manifest';
import { unknownIn } from '../export/known-selection';
import type { Selection } from '../export/selection';
import { stretchOf } from '../export/stretch';

/** Of the longest format, and a gap. */
const NAME_WIDTH = Math.max(...allFormats.map(({ name }) => name.length)) + 2;

export const exportCommand: HistoryCommand = {
  name: 'export',
  synopsis:
    '--out <folder> --format <format> [--types …] [--streams …] [--from <instant>] [--to <instant>] [--per-day]',
  meaning: 'Writes events into a folder, with a manifest; run again after it was cut short, it goes on.',
  options: {
    out: {
      type: 'string',
      value: '<folder>',
      meaning: 'Where to: a new or empty folder, or that of an export cut short.',
    },
    format: { type: 'string', value: '<format>', meaning: allFormats.map(({ name }) => name).join(', ') },
    types: { type: 'string', multiple: true, value: '<types>', meaning: 'Only these types of events.' },
    streams: {
      type: 'string',
      multiple: true,
      value: '<streams>',
      meaning: 'Only these streams; the name of an aggregate (order) means all of its streams.',
    },
    from: { type: 'string', value: '<instant>', meaning: 'Begin with the first event of this moment.' },
    to: { type: 'string', value: '<instant>', meaning: 'End with the last event of this moment.' },
    'per-day': { type: 'boolean', meaning: 'One file per day of UTC on which events were recorded.' },
  },
  notes: [
    'Formats:',
    ...allFormats.map(({ name, meaning }) => `  ${name.padEnd(NAME_WIDTH)}${meaning}`),
    '',
    'chronocart history export --out ./may --format parquet --from 2026-05-01 --to 2026-05-31T23:59:59.999Z',
  ],
  run,
};

async function run({ values, io, config, open }: CommandInput): Promise<void> {
  const out = values.text('out');
  if (out === undefined) throw new Misuse('--out names the folder to write to.');
  const format = formatOf(values);
  const perDay = values.flag('per-day');
  if (perDay && !format.mayBePerDay) throw new Misuse(`An export as ${format.name} is one file: leave --per-day out.`);
  const selection = selectionOf(values);
  const source = await open();
  const stretch = await stretchOf(source.store, selection);
  const total = config.eventStoreUrl === null && stretch.upTo ? Number(stretch.upTo.commit) : null;
  const progress = io.progress('Exporting events', stretch.after ? null : total);
  try {
    const folder = resolve(out);
    const onProgress = (events: number) => progress.at(events);
    const manifest = await exportLog(source, { folder, format, selection, perDay, stretch, onProgress });
    progress.end();
    io.answer({ folder, ...manifest }, () => told(folder, manifest));
  } finally {
    progress.end();
  }
}

function formatOf(values: OptionValues): ExportFormat {
  const names = allFormats.map(({ name }) => name);
  if (values.text('format') === undefined) throw new Misuse(`--format is one of ${names.join(', ')}.`);
  const name = values.oneOf('format', names, '');
  return allFormats.find((format) => format.name === name) as ExportFormat;
}

function selectionOf(values: OptionValues): Selection {
  const instant = (name: string) => {
    const text = values.text(name);
    return text === undefined ? null : textOfInstant(parseInstant(text));
  };
  const sorted = (name: string) => [...new Set(values.texts(name))].sort();
  const selection = { types: sorted('types'), streams: sorted('streams'), from: instant('from'), to: instant('to') };
  const unknown = unknownIn(selection);
  if (unknown) throw new Misuse(`--${unknown.member}: ${unknown.detail}`);
  return selection;
}

function told(folder: string, { events, files, asOf, logHash }: Manifest): string {
  const as = asOf ? `, as of ${asOf.position} (${asOf.recordedAt})` : '';
  const of = files.length === 1 ? '1 file' : `${files.length} files`;
  return `${events.toLocaleString('en-US')} events in ${of} and ${MANIFEST} in ${folder}${as}.\nHash of the log: ${logHash}\n`;
}
