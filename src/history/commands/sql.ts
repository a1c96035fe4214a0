import type { CommandInput, HistoryCommand } from '../cli/command';
import { COPY_FOLDER, copyFolderIn } from '../cli/copy-folder';
import type { Io } from '../cli/io';
import { Misuse, type OptionValues } from '../cli/option-values';
import { type AnswerWriter, writeCsv, writeCsvWithBom, writeJson, writeTable } from '../sql/answer-writers';
import { type HistorySql, openHistorySql } from '../sql/history-sql';
import { promptForSql } from '../sql/sql-prompt';

export const sqlCommand: HistoryCommand = {
  name: 'sql',
  synopsis: '["<SELECT …>"] [--csv [--bom]] [--cache <folder>]',
  meaning: 'Answers SQL (DuckDB’s) over the whole history; without a question, on a terminal, it asks for some.',
  options: {
    csv: { type: 'boolean', meaning: 'Answer as CSV.' },
    bom: { type: 'boolean', meaning: 'With --csv: begin with the mark by which Excel knows UTF-8.' },
    cache: COPY_FOLDER,
  },
  notes: [
    'Views: events, one per type of event (item_added_to_cart, …), orders, order_lines, missing_lines, carts, cart_lines, stock,',
    'stock_movements, products, variants, prices, customers, journeys, refusals.',
    "As of a time: orders_as_of('2026-01-31T12:00:00Z'), and so on for all but the first two.",
    'SHOW TABLES lists them all, DESCRIBE orders the columns of one. Times are UTC; amounts are in minor units (cents).',
  ],
  run,
};

async function run({ positionals, values, io, config, open }: CommandInput): Promise<void> {
  const [question, ...more] = positionals;
  if (more.length > 0) throw new Misuse('Put the question in quotation marks: it is one argument.');
  if (values.flag('csv') && io.json) throw new Misuse('Choose one of --csv and --json.');
  if (values.flag('bom') && !values.flag('csv')) throw new Misuse('--bom goes with --csv.');
  if (question === undefined && !io.isTerminal)
    throw new Misuse('Give the question: chronocart history sql "SELECT …".');
  const folder = copyFolderIn(values, config);
  const source = await open();
  const reopen = async (): Promise<HistorySql> => {
    const progress = io.progress('Copying events into columns', null);
    try {
      return await openHistorySql(source, { folder, onProgress: (events) => progress.at(events) });
    } finally {
      progress.end();
    }
  };
  const write: AnswerWriter = writerOf(values, io);
  const sql = await reopen();
  if (question === undefined) return promptForSql(sql, io, { folder, write, reopen });
  try {
    await write(await sql.database.ask(question), sql.copy, io);
  } finally {
    sql.close();
  }
}

function writerOf(values: OptionValues, { json }: Pick<Io, 'json'>): AnswerWriter {
  if (json) return writeJson;
  if (!values.flag('csv')) return writeTable;
  return values.flag('bom') ? writeCsvWithBom : writeCsv;
}
