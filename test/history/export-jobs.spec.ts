import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '#src/history/child-environment';
import { exportLog } from '#src/history/export/export-log';
import { ndjson } from '#src/history/export/formats/ndjson';
import { parquet } from '#src/history/export/formats/parquet';
import { EVERYTHING } from '#src/history/export/selection';
import { type ExportJob, KEPT_FOR_MS, NOT_BEGUN } from '#src/history/jobs/export-job';
import type { RunOptions } from '#src/history/jobs/export-run';
import { ExportRunner } from '#src/history/jobs/export-runner';
import { JobFolder, jobFolderOf } from '#src/history/jobs/job-folder';
import { lockOf, workOn } from '#src/history/jobs/work-on';
import { type HistorySource, openHistory } from '#src/history/source';
import { type EventStore, type ReadAllOptions, StoreUnavailable } from '#src/kernel/event-store/event-store';
import { SqliteEventStore } from '#src/kernel/event-store/sqlite-event-store';
import { newId } from '#src/kernel/ids';
import { stampOf } from '#src/kernel/position';
import { FaultyStore } from '../support/faulty-store';
import { Random } from '../support/random';
import { tempFolder, tempFolderOfThisFile } from '../support/temp-folder';
import { STORE_ID, writeSampleLog } from './sample-log';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'src', 'history', 'jobs', 'export-process.js');
const EVENTS = 2_500;

const sample = tempFolderOfThisFile();
beforeAll(() => writeSampleLog(sample, EVENTS), 60_000);

let dataDir: string;
let jobs: JobFolder;
let source: HistorySource;
beforeEach(async () => {
  dataDir = tempFolder();
  cpSync(sample, dataDir, { recursive: true });
  jobs = new JobFolder(jobFolderOf(dataDir));
  source = await openHistory({ dataDir, eventStoreUrl: null });
});
afterEach(async () => {
  await source.close();
  rmSync(dataDir, { recursive: true });
});

async function asked(order: Partial<ExportJob> = {}): Promise<ExportJob> {
  const job: ExportJob = {
    jobId: newId(),
    requestedBy: newId(),
    requestedAt: new Date().toISOString(),
    payloadHash: 'hash',
    format: 'ndjson',
    selection: EVERYTHING,
    perDay: false,
    head: stampOf((await source.store.head())!),
    ...order,
  };
  await jobs.add(job);
  return job;
}

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

const work = (from: HistorySource = source, options: RunOptions = {}) => {
  const told: string[] = [];
  return workOn(from, jobs, { everyMs: 1, ...options, tell: (message) => told.push(message) }).then(() => told);
};

/** The history, with something that happens before each page of it is read. */
const whileReading = (happens: (page: number) => Promise<void>): HistorySource => {
  class Watched extends FaultyStore {
    private page = 0;

    override async readAll(options: ReadAllOptions) {
      await happens(++this.page);
      return super.readAll(options);
    }
  }
  return { ...source, store: new Watched(source.store) as EventStore };
};

/** The program that the shop starts, on the folder. */
function startProgram(fileSizeLimit?: number): ChildProcess {
  const node = [process.execPath, PROGRAM];
  const limited = ['sh', '-c', `ulimit -f ${Math.ceil((fileSizeLimit ?? 0) / 512)} && exec "$0" "$@"`, ...node];
  const [command, ...args] = fileSizeLimit === undefined ? node : limited;
  return spawn(command!, args, {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: childEnvironment({ dataDir, eventStoreUrl: null }),
  });
}

const ended = async (child: ChildProcess): Promise<unknown> => (await once(child, 'close'))[0];

describe('an export job', () => {
  it.each([ndjson, parquet])(
    'that is killed again and again comes to the same bytes as $name',
    async (format) => {
      const random = new Random(20_261_121);
      const { jobId, head } = await asked({ format: format.name, perDay: true });
      const store = await SqliteEventStore.open({ file: join(dataDir, 'events.db') });
      const late = { id: newId(), type: 'TooLate', data: {}, metadata: { v: 1 } };
      await store.append(`order-${newId()}`, 'no_stream', [late]);
      await store.close();
      for (let kill = 0; kill < 4; kill++) {
        const runner = new ExportRunner({ dataDir, eventStoreUrl: null }, jobs, { program: PROGRAM });
        runner.start();
        await new Promise((resolve) => setTimeout(resolve, random.between(200, 600)));
        await runner.close();
      }
      expect(await ended(startProgram())).toBe(0);
      expect(await jobs.find(jobId)).toMatchObject({ state: 'done', events: EVENTS + 1, of: EVENTS + 1 });
      const folder = join(tempFolder(), 'export');
      const stretch = { after: null, upTo: { commit: head!.split('/')[0]!, prepare: head!.split('/')[1]! } };
      const manifest = await exportLog(source, { folder, format, selection: EVERYTHING, perDay: true, stretch });
      expect(contents(jobs.exportOf(jobId))).toEqual(contents(folder));
      expect(manifest.types).not.toHaveProperty('TooLate');
    },
    60_000,
  );

  it('is done when its process was killed after the last file, and before that was noted', async () => {
    const { jobId } = await asked();
    await work();
    const done = (await jobs.find(jobId))!;
    const made = contents(jobs.exportOf(jobId));
    await jobs.note(jobId, { ...NOT_BEGUN, state: 'running', begun: 1 });
    expect(await work()).toEqual([]);
    expect(await jobs.find(jobId)).toMatchObject({ state: 'done', files: done.files });
    expect(contents(jobs.exportOf(jobId))).toEqual(made);
  });

  it('is worked on by one process alone, of however many there are', async () => {
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push((await asked({ format: n % 2 ? 'csv' : 'parquet' })).jobId);
    expect(await Promise.all([startProgram(), startProgram(), startProgram()].map(ended))).toEqual([0, 0, 0]);
    for (const jobId of ids) expect(await jobs.find(jobId)).toMatchObject({ state: 'done', begun: 1 });
  }, 30_000);

  it('is left by a process whose shop is gone, and can be taken up', async () => {
    const { jobId } = await asked();
    const child = startProgram();
    child.stdin!.end();
    await ended(child);
    const lock = lockOf(jobs);
    expect(lock).not.toBeNull();
    lock!.close();
    await work();
    expect(await jobs.find(jobId)).toMatchObject({ state: 'done' });
  });

  it('stops when it is cancelled while it runs, and leaves no files', async () => {
    const { jobId } = await asked();
    const pages: number[] = [];
    const cancelling = whileReading(async (page) => {
      pages.push(page);
      if (page === 3) await jobs.cancel(jobId);
      if (page >= 3) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect(await work(cancelling)).toEqual([]);
    expect(await jobs.find(jobId)).toMatchObject({ state: 'cancelled', files: [], endedAt: expect.any(String) });
    expect(jobs.hasFiles(jobId)).toBe(false);
    expect(pages.length).toBeLessThan(5);
  });

  it('that was cancelled before it began is never begun', async () => {
    const { jobId } = await asked();
    await jobs.cancel(jobId);
    await work();
    expect(await jobs.find(jobId)).toMatchObject({ state: 'cancelled', begun: 0 });
  });

  it('waits for an event store that is away, and is not blamed for it', async () => {
    const { jobId } = await asked();
    const away = whileReading((page) =>
      page === 3 ? Promise.reject(new StoreUnavailable('It is away.')) : Promise.resolve(),
    );
    await expect(work(away)).rejects.toThrow('It is away.');
    expect(await jobs.find(jobId)).toMatchObject({ state: 'waiting', begun: 0, problem: null });
    await work();
    expect(await jobs.find(jobId)).toMatchObject({ state: 'done' });
  });

  it('fails when the disk is full, leaves it as it was, and lets the next one have its turn', async () => {
    const whole = await asked();
    const small = await asked({ selection: { ...EVERYTHING, types: ['StoreIdentified'] } });
    expect(await ended(startProgram(200_000))).toBe(0);
    expect(await jobs.find(whole.jobId)).toMatchObject({
      state: 'failed',
      problem: { code: 'export-no-space', detail: expect.stringContaining('no room left') },
      files: [],
    });
    expect(jobs.hasFiles(whole.jobId)).toBe(false);
    expect(await jobs.find(small.jobId)).toMatchObject({ state: 'done' });
  }, 30_000);

  it('fails before it has taken the last of the disk from the shop', async () => {
    const { jobId } = await asked();
    const slow = whileReading(() => new Promise((resolve) => setTimeout(resolve, 30)));
    expect(await work(slow, { reservedBytes: Number.MAX_SAFE_INTEGER })).toHaveLength(1);
    expect(await jobs.find(jobId)).toMatchObject({ state: 'failed', problem: { code: 'export-no-space' } });
  });

  it('that fails says nothing of the server to who asked, and all to its operator', async () => {
    const { jobId } = await asked();
    const broken = whileReading((page) =>
      page === 3 ? Promise.reject(new Error(`${dataDir} is broken`)) : Promise.resolve(),
    );
    expect(await work(broken)).toEqual([`The export ${jobId} failed: ${dataDir} is broken`]);
    const status = await jobs.find(jobId);
    expect(status).toMatchObject({ state: 'failed', problem: { code: 'export-failed' } });
    expect(status!.problem!.detail).not.toContain(dataDir);
  });
});

describe('the folder of export jobs', () => {
  it('keeps a job that has ended for seven days, and one that has not for as long as it takes', async () => {
    const [done, waiting] = [await asked(), await asked()];
    const endedAt = '2026-03-01T00:00:00.000Z';
    await jobs.note(done.jobId, { ...NOT_BEGUN, state: 'done', endedAt });
    const expiry = Date.parse(endedAt) + KEPT_FOR_MS;
    await jobs.sweep(new Date(expiry).toISOString());
    expect(await jobs.all()).toHaveLength(2);
    await jobs.sweep(new Date(expiry + 1).toISOString());
    expect((await jobs.all()).map(({ job }) => job.jobId)).toEqual([waiting.jobId]);
  });

  it('has one job under one id, whoever adds it', async () => {
    const first = await asked();
    const second = { ...first, requestedAt: '2030-01-01T00:00:00.000Z' };
    expect((await jobs.add(second)).job).toEqual(first);
    expect(readdirSync(jobs.folder)).toEqual([first.jobId]);
  });

  it('forgets what a process left that was killed while it made a job', async () => {
    const { jobId } = await asked();
    mkdirSync(join(jobs.folder, '.018f2b6e-7a61-7c3d-8e4f-0123456789ab'));
    mkdirSync(join(jobs.folder, STORE_ID));
    await jobs.sweep();
    expect(readdirSync(jobs.folder)).toEqual([jobId]);
  });
});

describe('the environment of a process beside the shop', () => {
  it('says where the events are and whose certificates to trust, and nothing else', () => {
    const eventStoreUrl = 'esdb://admin:changeit@localhost:2113';
    const env = { SHOP_SECRET: 'secret', NODE_EXTRA_CA_CERTS: '/etc/ssl/own.pem', PATH: '/bin' };
    expect(childEnvironment({ dataDir, eventStoreUrl }, env)).toEqual({
      DATA_DIR: dataDir,
      EVENTSTORE_URL: eventStoreUrl,
      NODE_EXTRA_CA_CERTS: '/etc/ssl/own.pem',
    });
    expect(childEnvironment({ dataDir, eventStoreUrl: null }, {})).toEqual({ DATA_DIR: dataDir });
  });
});
