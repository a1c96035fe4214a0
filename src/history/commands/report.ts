import { resolve } from 'node:path';
import { INSTANTS } from '../../kernel/instant';
import type { CommandInput, HistoryCommand } from '../cli/command';
import { COPY_FOLDER, copyFolderIn } from '../cli/copy-folder';
import type { Io } from '../cli/io';
import { Misuse } from '../cli/option-values';
import { QUESTIONS, readFigures } from '../report/read-figures';
import type { ReportFigures } from '../report/figures';
import { assertWritable, writeReport } from '../report/report-file';
import { assertWithin, parseStretch, type ReportStretch, textsOf } from '../report/report-stretch';
import type { HistorySource } from '../source';
import { asOfText, openHistorySql } from '../sql/history-sql';

export const report: HistoryCommand = {
  name: 'report',
  synopsis: '--out <file> [--from <instant>] [--to <instant>] [--force] [--cache <folder>]',
  meaning:
    'Writes one HTML page with plots: sales, from cart to delivery, times of steps, stock-outs, abandoned carts.',
  options: {
    out: { type: 'string', value: '<file>', meaning: 'The page to write; a report of before is replaced.' },
    from: { type: 'string', value: '<instant>', meaning: 'Begin with the first event of this moment.' },
    to: {
      type: 'string',
      value: '<instant>',
      meaning: 'End with the last event of this moment; everything is as of it.',
    },
    force: { type: 'boolean', meaning: 'Replace the file, whatever it is.' },
    cache: COPY_FOLDER,
  },
  notes: [
    `An instant is ${INSTANTS.replace(', revision:N', '')}.`,
    '--json gives the figures of the page; with it --out may be left out. Amounts are in minor units (cents), times are UTC.',
    '',
    'chronocart history report --out may.html --from 2026-05-01 --to 2026-05-31T23:59:59.999Z',
  ],
  run,
};

async function run({ positionals, values, io, config, open }: CommandInput): Promise<void> {
  if (positionals.length > 0) throw new Misuse('A report takes no arguments: --out names the file to write.');
  const out = values.text('out');
  if (out === undefined && !io.json) throw new Misuse('--out names the file to write; --json alone gives the figures.');
  const stretch = parseStretch(values.text('from'), values.text('to'));
  const folder = copyFolderIn(values, config);
  const path = out === undefined ? null : resolve(out);
  if (path !== null) await assertWritable(path, { force: values.flag('force') });
  const figures = await figuresOf(await open(), folder, stretch, io);
  if (path !== null) {
    // The library that draws takes time and memory to load: no other command should pay for it.
    const { pageOf } = await import('#src/history/report/page');
    await writeReport(path, pageOf(figures));
  }
  io.answer(figures, () => `${out}: ${figures.events.toLocaleString('en-US')} events, ${asOfText(figures)}\n`);
}

async function figuresOf(
  source: HistorySource,
  folder: string,
  stretch: ReportStretch,
  io: Io,
): Promise<ReportFigures> {
  const copying = io.progress('Copying events into columns', null);
  const onProgress = (events: number) => copying.at(events);
  const upTo = stretch.to ? { upTo: stretch.to } : {};
  const sql = await openHistorySql(source, { folder, onProgress, ...upTo }).finally(() => copying.end());
  const asking = io.progress('Asking', QUESTIONS);
  try {
    assertWithin(stretch, sql.copy);
    const { storeId } = source;
    const onAnswer = () => asking.advance(1);
    return await readFigures(sql.database, { storeId, ...textsOf(stretch), begin: stretch.from, onAnswer });
  } finally {
    asking.end();
    sql.close();
  }
}
