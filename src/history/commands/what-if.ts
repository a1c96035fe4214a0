import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { INSTANTS, parseInstant, textOfInstant } from '../../kernel/instant';
import type { CommandInput, HistoryCommand } from '../cli/command';
import type { Io } from '../cli/io';
import { Misuse } from '../cli/option-values';
import { stretchOf } from '../export/stretch';
import { lengthOf } from '../source';
import { allDecisions } from '../what-if/all-decisions';
import type { Finding } from '../what-if/messages';
import { NoCandidate } from '../what-if/messages';
import { NOTE, findingText, summaryText } from '../what-if/report-text';
import { runWhatIf, type WhatIf } from '../what-if/run-what-if';

/** Of each decision's and each projection's findings, so many are shown. */
const MOST = 20;
/** In MB; a million events of a shop take about half of it. */
const MEMORY = 600;

export const whatIf: HistoryCommand = {
  name: 'what-if',
  synopsis:
    '--with <module> [--from <instant>] [--to <instant>] [--most <number>] [--timeout <seconds>] [--memory <MB>]',
  meaning:
    'Runs changed decisions or projections over history in a sandbox and reports what would have been different.',
  options: {
    with: { type: 'string', value: '<module>', meaning: 'A file (.mjs, .js or .cjs) that exports whatIf.' },
    from: { type: 'string', value: '<instant>', meaning: 'Report from this moment on; what was before is folded.' },
    to: { type: 'string', value: '<instant>', meaning: 'End with the last event of this moment.' },
    most: {
      type: 'string',
      value: '<number>',
      meaning: `So many findings of each decision and projection are shown; default: ${MOST}. --json shows all.`,
    },
    timeout: { type: 'string', value: '<seconds>', meaning: 'How long it may take; default: as long as it takes.' },
    memory: { type: 'string', value: '<MB>', meaning: `How much memory the module may use; default: ${MEMORY}.` },
  },
  notes: [
    'export const whatIf = ({ projections, decisions, rejected }) => ({',
    "  decisions: { 'cart.checkOut': (cart, input) => decisions['cart.checkOut'](cart, input) },",
    "  projections: [{ ...projections['order-history'] }],",
    '});',
    '',
    'Decisions:',
    ...linesOf(allDecisions.map(({ name }) => name)),
    '',
    `An instant is ${INSTANTS}.`,
  ],
  run,
};

/** Names beside each other, as many as a line holds. */
function linesOf(names: readonly string[]): string[] {
  const lines = [''];
  for (const name of names)
    if (lines.at(-1)!.length + name.length < 110) lines[lines.length - 1] += `  ${name}`;
    else lines.push(`  ${name}`);
  return lines;
}

async function run({ positionals, values, io, open }: CommandInput): Promise<void> {
  if (positionals.length > 0) throw new Misuse(`${positionals.join(' ')} is too much: --with names the module.`);
  const file = fileNamed(values.text('with'));
  const most = values.wholeNumber('most') ?? MOST;
  const timeout = values.wholeNumber('timeout', 1);
  const memoryMb = values.wholeNumber('memory', 50) ?? MEMORY;
  const [from, to] = ['from', 'to'].map((name) => {
    const text = values.text(name);
    return text === undefined ? null : textOfInstant(parseInstant(text));
  }) as [string | null, string | null];
  const source = await open();
  const stretch = await stretchOf(source.store, { from, to });
  const progress = io.progress('Reading events', to === null ? await lengthOf(source.store) : null);
  const report = io.json ? new JsonReport(io) : new TextReport(io, most);
  try {
    const result = await runWhatIf(source, {
      file,
      stretch,
      memoryMb,
      timeoutMs: timeout === undefined ? null : timeout * 1_000,
      onPrinted: (line) => {
        progress.end();
        io.err(line);
      },
      onProgress: (events) => progress.at(events),
      onFound: async (findings) => {
        progress.end();
        for (const finding of findings) report.add(finding);
        await io.drained();
      },
    });
    progress.end();
    report.end(result);
  } catch (error) {
    if (error instanceof NoCandidate) throw new Misuse(error.message);
    throw error;
  } finally {
    progress.end();
  }
}

function fileNamed(given: string | undefined): string {
  if (given === undefined) throw new Misuse('--with names the module to try.');
  const file = resolve(given);
  if (!existsSync(file) || !statSync(file).isFile()) throw new Misuse(`There is no file ${given}.`);
  if (!/\.[mc]?js$/.test(file)) throw new Misuse(`${given} is no module that Node runs: write .mjs, .js or .cjs.`);
  return realpathSync(file);
}

interface Report {
  add(finding: Finding): void;
  end(result: WhatIf): void;
}

/** The first findings of each decision and projection, and all counts. */
class TextReport implements Report {
  private readonly seen = new Map<string, number>();
  private found = 0;
  private told = 0;

  constructor(
    private readonly io: Io,
    private readonly most: number,
  ) {}

  add(finding: Finding): void {
    const name = finding.what === 'decision' ? finding.name : finding.projection;
    const seen = (this.seen.get(name) ?? 0) + 1;
    this.seen.set(name, seen);
    this.found++;
    if (seen > this.most) return;
    this.told++;
    this.io.out(`${findingText(finding).join('\n')}\n`);
  }

  end(result: WhatIf): void {
    this.io.out(`${summaryText(result, { found: this.found, told: this.told }).join('\n')}\n`);
  }
}

/** `{ "findings": […], "summary": { … } }`, written as it is found: there may be more than fits into memory. */
class JsonReport implements Report {
  private separator = '{\n"findings": [\n';

  constructor(private readonly io: Io) {}

  add(finding: Finding): void {
    this.io.out(`${this.separator}${JSON.stringify(finding)}`);
    this.separator = ',\n';
  }

  end(result: WhatIf): void {
    const none = this.separator === ',\n' ? '' : this.separator;
    this.io.out(`${none}\n],\n"summary": ${JSON.stringify({ ...result, note: NOTE }, null, 2)}\n}\n`);
  }
}
