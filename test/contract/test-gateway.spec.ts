import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SystemClock } from '#src/kernel/clock';
import { TestGateway } from '#src/payments/test-gateway';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();

/** Another process that writes to the file, and commits a moment later; it says when it has begun. */
const WRITER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require('libsql');
  const database = new Database(workerData.file, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS other (id TEXT)');
  parentPort.postMessage('writes');
  setTimeout(() => { database.exec('COMMIT'); database.close(); }, 300);
`;

async function whileAnotherWrites(file: string): Promise<Worker> {
  const writer = new Worker(WRITER, { eval: true, workerData: { file } });
  await once(writer, 'message');
  return writer;
}

describe('the books of the test gateway, which several processes share', () => {
  it('are opened while another process writes to them', async () => {
    const file = join(folder, 'opened.db');
    const writer = await whileAnotherWrites(file);
    const gateway = TestGateway.open({ file, clock: new SystemClock() });
    expect(await gateway.lookUp('nobody-has-paid')).toEqual({ status: 'none' });
    await gateway.close();
    await once(writer, 'exit');
  });

  it('take a charge while another process writes to them, and show it to others', async () => {
    const file = join(folder, 'charged.db');
    const [one, other] = [0, 1].map(() => TestGateway.open({ file, clock: new SystemClock() }));
    const writer = await whileAnotherWrites(file);
    const method = { gateway: 'test', token: 'test-approved' };
    const charged = await one!.charge({ paymentId: 'p', amountMinor: 100, currency: 'EUR', method });
    expect(charged.status).toBe('captured');
    expect(await other!.lookUp('p')).toEqual(charged);
    await Promise.all([one!.close(), other!.close()]);
    await once(writer, 'exit');
  });
});
