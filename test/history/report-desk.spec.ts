import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBeside } from '#src/history/beside-the-shop';
import { CopyRefresher } from '#src/history/columnar/copy-refresher';
import { REPORT_LIMITS, ReportDesk, type ReportLimits } from '#src/history/report/report-desk';
import type { Rejected } from '#src/kernel/rejection';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { writeSampleLog } from './sample-log';

const DIST = join(__dirname, '..', '..', 'dist', 'src', 'history');
const PROGRAM = join(DIST, 'report', 'report-process.js');

const dataDir = tempFolderOfThisFile();
const spilled = join(dataDir, 'history', 'spilled');
const refresher = new CopyRefresher({ dataDir, eventStoreUrl: null }, join(DIST, 'columnar', 'refresh-process.js'));
beforeAll(() => writeSampleLog(dataDir, 300));
beforeEach(() => rmSync(spilled, { recursive: true, force: true }));
afterAll(() => refresher.close());

jest.setTimeout(120_000);

const LIMITS: ReportLimits = { ...REPORT_LIMITS, timeoutMs: 100_000, freshWithinMs: 60_000 };
const deskWith = (limits: Partial<ReportLimits> = {}) => new ReportDesk(refresher, { ...LIMITS, ...limits }, PROGRAM);

const never = () => new AbortController().signal;
const refusalOf = (report: Promise<string>): Promise<Pick<Rejected, 'code' | 'details'>> =>
  report.then(
    () => ({ code: 'none', details: {} }),
    (error: Rejected) => error,
  );
const codeOf = async (report: Promise<string>) => (await refusalOf(report)).code;

/** Resolves when the process that makes a report is about to be started. */
async function untilBegun(): Promise<void> {
  while (!existsSync(spilled)) await sleep(5);
}

describe('who makes reports', () => {
  it('makes one after another', async () => {
    const desk = deskWith();
    for (let n = 0; n < 2; n++)
      expect(await desk.report({}, 'page', never())).toMatch(/^<!DOCTYPE html>[^]*<\/html>\n$/);
  });

  it('says so when a report takes longer than it may', async () => {
    await refresher.upToNow(60_000);
    const { code, details } = await refusalOf(deskWith({ timeoutMs: 1 }).report({}, 'page', never()));
    expect([code, details['detail']]).toEqual(['report-timeout', expect.stringContaining('0.001 seconds')]);
  });

  it('says so when a report needs more memory than it may have', async () => {
    expect(await codeOf(deskWith({ memoryLimitMb: 1 }).report({}, 'figures', never()))).toBe('report-too-much-memory');
  });

  it('makes no report without what was recorded last', async () => {
    expect(await codeOf(deskWith({ freshWithinMs: 0 }).report({}, 'figures', never()))).toBe('history-not-ready');
  });

  it('stops when whoever asked has gone, and makes the next one', async () => {
    const desk = deskWith();
    const gone = new AbortController();
    const report = codeOf(desk.report({}, 'page', gone.signal));
    await untilBegun();
    gone.abort();
    expect(await report).toBe('bad-request');
    expect(await codeOf(desk.report({}, 'figures', never()))).toBe('none');
  });

  it('stops with the shop', async () => {
    const desk = deskWith();
    const report = codeOf(desk.report({}, 'page', never()));
    await untilBegun();
    await desk.close();
    expect(await report).toBe('shutting-down');
  });

  it('is outlived by no process, however it ends', async () => {
    const { child, ended } = startBeside(PROGRAM, [], {});
    child.stdin.end();
    expect(await ended).toBe(1);
  });
});
