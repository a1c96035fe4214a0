import { join } from 'node:path';
import type { DecisionFinding } from '#src/history/what-if/decision-finding';
import type { Finding } from '#src/history/what-if/messages';
import type { DocumentFinding } from '#src/history/what-if/projection-walk';
import type { WhatIf } from '#src/history/what-if/run-what-if';
import { type RunningProgram, startCompiled } from '../../support/programs';

const PROGRAM = join('src', 'history', 'cli.js');

/** Path of a candidate in this folder. */
export const candidate = (name: string): string => join(__dirname, name);

/** Starts the compiled `chronocart history what-if` in a process of its own. */
export function startWhatIf(dataDir: string, ...args: readonly string[]): RunningProgram {
  const env = { DATA_DIR: dataDir, EVENTSTORE_URL: '', LOG_LEVEL: '', SHOP_SECRET: 'only the shop knows it' };
  return startCompiled(PROGRAM, ['history', 'what-if', ...args], { env });
}

/** The same, to its end. */
export async function whatIf(dataDir: string, ...args: readonly string[]) {
  const program = startWhatIf(dataDir, ...args);
  const status = await program.ended();
  return { status, out: program.lines, err: program.errors };
}

interface JsonReport {
  readonly findings: readonly Finding[];
  readonly summary: WhatIf & { readonly note: string };
}

const asked = new Map<string, ReturnType<typeof askFor>>();

/** What `--json` says of a candidate. It is the same each time, so it is asked for once. */
export function reportOf(dataDir: string, name: string, ...args: readonly string[]) {
  const key = [dataDir, name, ...args].join(' ');
  const report = asked.get(key) ?? askFor(dataDir, name, ...args);
  asked.set(key, report);
  return report;
}

async function askFor(dataDir: string, name: string, ...args: readonly string[]) {
  const { status, out, err } = await whatIf(dataDir, '--with', candidate(name), '--json', ...args);
  if (status !== 0) throw new Error(`It ended with ${status}: ${err.join('\n')}`);
  const { findings, summary } = JSON.parse(out.join('\n')) as JsonReport;
  const decisions = findings.filter((each): each is { what: 'decision' } & DecisionFinding => each.what === 'decision');
  const documents = findings.filter((each): each is { what: 'document' } & DocumentFinding => each.what === 'document');
  return { findings, summary, decisions, documents };
}
