import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandInput, HistoryCommand } from '../cli/command';
import { Misuse } from '../cli/option-values';
import { readManifest } from '../export/manifest';
import { embeddedStoreOf, type HistorySource, openHistory } from '../source';
import { type Finding, MOST_FINDINGS, textOf } from '../verify/finding';
import { type KeptReadModels, openKeptReadModels } from '../verify/kept-read-models';
import { verifyFiles } from '../verify/verify-files';
import { findingOf, type Lost, lostByProcesses } from '../verify/verify-processes';
import { verifyReadModels } from '../verify/verify-read-models';
import { verifyStore } from '../verify/verify-store';

export const verifyCommand: HistoryCommand = {
  name: 'verify',
  synopsis: '[<folder of an export>] [--data-dir <data folder>] [--files-only]',
  meaning:
    'Compares an export with itself and with the store, the kept read models with what the events make of them, and the stories of the processes with the events that they should have reacted to.',
  options: {
    'data-dir': {
      type: 'string',
      value: '<folder>',
      meaning: 'The data folder whose store and read models are compared, whatever the environment names.',
    },
    'files-only': { type: 'boolean', meaning: 'Only look whether the export is as it was written.' },
  },
  notes: [
    'Exit status 1: something differs. The read models are those in MongoDB where MONGODB_URL names it.',
    'What --json lists as lost is made up for with POST /api/admin/processes/repair (docs/operations.md).',
  ],
  run,
};

/** Something differs: it was told already. */
class Differs extends Error {
  constructor(count: number) {
    super(
      count >= MOST_FINDINGS
        ? `At least ${count} differences.`
        : `${count} ${count === 1 ? 'difference' : 'differences'}.`,
    );
    this.name = 'Differs';
  }
}

async function run(input: CommandInput): Promise<void> {
  const { positionals, values, io, config } = input;
  const [given, ...more] = positionals;
  if (more.length > 0) throw new Misuse('Name one folder, that of the export.');
  const filesOnly = values.flag('files-only');
  if (filesOnly && given === undefined) throw new Misuse('Name the folder of the export.');
  const findings: Finding[] = [];
  const lost: Lost[] = [];
  const checked: string[] = [];
  const folder = given === undefined ? null : resolve(given);
  if (folder !== null) {
    findings.push(...(await verifyFiles(folder, await readManifest(folder))));
    checked.push('the files of the export are as they were written');
  }
  const data = values.text('data-dir');
  const dataDir = data === undefined ? config.dataDir : resolve(data);
  const isThere = data !== undefined || config.eventStoreUrl !== null || existsSync(embeddedStoreOf(dataDir));
  if (!filesOnly && (folder === null || isThere)) {
    const source = data === undefined ? await input.open() : await openHistory({ dataDir, eventStoreUrl: null });
    try {
      const mongodbUrl = data === undefined ? config.mongodbUrl : null;
      const kept = () => openKeptReadModels({ mongodbUrl, dataDir });
      await compareWith({ source, kept, folder }, input, { findings, lost, checked });
    } finally {
      if (data !== undefined) await source.close();
    }
  }
  io.answer({ findings, lost, checked: findings.length === 0 ? checked : [] }, () =>
    findings.length === 0
      ? checked.map((what) => `Right: ${what}.\n`).join('')
      : findings.map((finding) => `${textOf(finding)}\n`).join(''),
  );
  if (findings.length > 0) throw new Differs(findings.length);
}

interface Found {
  readonly findings: Finding[];
  readonly lost: Lost[];
  /** What was compared, as the end of a sentence. */
  readonly checked: string[];
}

interface Compared {
  readonly source: HistorySource;
  kept(): Promise<KeptReadModels | null>;
  /** Of the export; null: none is compared. */
  readonly folder: string | null;
}

async function compareWith(
  { source, kept: openKept, folder }: Compared,
  { io }: CommandInput,
  { findings, lost, checked }: Found,
): Promise<void> {
  const progress = io.progress('Comparing events', null);
  const onProgress = (events: number) => progress.at(events);
  try {
    if (folder !== null) {
      findings.push(...(await verifyStore(source, folder, await readManifest(folder), onProgress)));
      checked.push('the events of the export are those of the store');
    }
    const kept = await openKept();
    try {
      lost.push(...(await lostByProcesses(source, kept?.store ?? null, onProgress)));
      findings.push(...lost.slice(0, MOST_FINDINGS).map(findingOf));
      checked.push('the processes have reacted to all that they have come past');
      if (kept === null) return;
      findings.push(...(await verifyReadModels(source, kept.store, await source.store.head(), onProgress)));
      checked.push('the kept read models are what the events make of them');
    } finally {
      await kept?.close();
    }
  } finally {
    progress.end();
  }
}
