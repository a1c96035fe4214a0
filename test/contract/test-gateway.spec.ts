import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { SystemClock } from '#src/kernel/clock';
import { newId } from '#src/kernel/ids';
import { GatewayUnavailable, type Charge, type PaymentOutcome } from '#src/payments/gateway';
import { TestGateway } from '#src/payments/test-gateway';
import { dropBallast, locked, putBallast } from '../support/database-file';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { TestTime } from '../support/test-time';

const folder = tempFolderOfThisFile();
const clock = new SystemClock();
let file: string;
beforeEach(() => {
  file = join(folder, `${newId()}.db`);
});

const chargeOf = (token: string, more: Partial<Charge> = {}): Charge => ({
  paymentId: 'p',
  amountMinor: 100,
  currency: 'EUR',
  method: { gateway: 'test', token },
  ...more,
});

/** Another process that writes to the file, and commits a moment later; it says when it has begun. */
const WRITER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require('libsql');
  const database = new Database(workerData.file, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS other (id TEXT)');
  parentPort.postMessage('writes');
  setTimeout(() => { database.exec('COMMIT'); database.close(); }, 300);
`;

/** Once it writes; gives the way to wait for its end. */
async function whileAnotherWrites(file: string): Promise<() => Promise<unknown>> {
  const writer = new Worker(WRITER, { eval: true, workerData: { file } });
  const ended = once(writer, 'exit');
  await once(writer, 'message');
  return () => ended;
}

describe('the books of the test gateway, which several processes share', () => {
  it('are opened while another process writes to them', async () => {
    const othersEnd = await whileAnotherWrites(file);
    const gateway = await TestGateway.open({ file, clock });
    expect(await gateway.lookUp('nobody-has-paid')).toEqual({ status: 'none' });
    await gateway.close();
    await othersEnd();
  });

  it('take a charge while another process writes to them, and show it to others', async () => {
    const one = await TestGateway.open({ file, clock });
    const other = await TestGateway.open({ file, clock });
    const othersEnd = await whileAnotherWrites(file);
    const charged = await one.charge(chargeOf('test-approved'));
    expect(charged.status).toBe('captured');
    expect(await other.lookUp('p')).toEqual(charged);
    await Promise.all([one.close(), other.close()]);
    await othersEnd();
  });

  it('hold up nobody but who needs them while another process has locked them', async () => {
    const gateway = await TestGateway.open({ file, clock });
    const release = await locked(file);
    let turns = 0;
    let over = false;
    const charged = gateway.charge(chargeOf('test-approved')).finally(() => (over = true));
    // A thousand times the event loop comes round to others, before the charge has its answer.
    while (++turns < 1_000) await nextTurn();
    expect(over).toBe(false);
    release();
    expect((await charged).status).toBe('captured');
    await gateway.close();
  });

  it('that are full are a provider who does not answer, until there is room', async () => {
    const opened = await TestGateway.open({ file, clock });
    await opened.charge(chargeOf('test-approved'));
    await opened.close();
    const gateway = await TestGateway.open({ file, clock, maxPageCount: putBallast(file, 20) });
    const paying = async () => {
      for (let n = 0; ; n++) await gateway.charge(chargeOf('test-approved', { paymentId: `${n}`.repeat(20) }));
    };
    await expect(paying()).rejects.toBeInstanceOf(GatewayUnavailable);
    const refund = { ...chargeOf(''), refundId: 'r'.repeat(4_096) };
    await expect(gateway.refund(refund)).rejects.toBeInstanceOf(GatewayUnavailable);
    expect(await gateway.lookUp('p')).toMatchObject({ status: 'captured' });
    dropBallast(file);
    expect((await gateway.charge(chargeOf('test-approved', { paymentId: 'room' }))).status).toBe('captured');
    expect((await gateway.refund(refund)).reference).toMatch(/^refund-/);
    await gateway.close();
  });

  it('that can not be written when a pending payment is due are written, and it is told, as soon as they can', async () => {
    const gateway = await TestGateway.open({ file, clock });
    const told: PaymentOutcome[] = [];
    gateway.onOutcome((_, outcome) => told.push(outcome));
    await gateway.charge(chargeOf('test-late'));
    const release = await locked(file);
    // Longer than the books wait for who has locked them.
    await expect(gateway.void('p')).rejects.toBeInstanceOf(GatewayUnavailable);
    expect(told).toEqual([]);
    release();
    while (told.length === 0) await sleep(20);
    expect(told).toEqual([expect.objectContaining({ status: 'captured' })]);
    await gateway.close();
  });
});

describe('a payment at the test gateway', () => {
  it('is not captured any more once it is voided, also when its charge is under way', async () => {
    const gateway = await TestGateway.open({ file: ':memory:', clock });
    const charged = gateway.charge(chargeOf('test-slow'));
    await nextTurn();
    expect(await gateway.void('p')).toEqual({ status: 'voided' });
    expect(await charged).toEqual({ status: 'voided' });
    expect(await gateway.lookUp('p')).toEqual({ status: 'voided' });
    await gateway.close();
  });

  it.each(['test-approved', 'test-slow', 'test-timeout', 'test-lost', 'test-late', 'test-twice'])(
    'is not captured after its deadline, whatever the token: %s',
    async (token) => {
      const time = new TestTime();
      const gateway = await TestGateway.open({ file: ':memory:', clock: time });
      const charge = chargeOf(token, { notAfter: '2026-01-01T11:59:59.999Z' });
      await gateway.charge(charge).catch((error: unknown) => expect(error).toBeInstanceOf(GatewayUnavailable));
      await time.pass(3_600_000);
      const after = await gateway.charge(charge);
      expect(after).toEqual({ status: 'voided' });
      expect(await gateway.lookUp('p')).toEqual({ status: 'voided' });
      await gateway.close();
    },
  );

  it('that is pending is captured two seconds later, also when the clock was ahead as it was made', async () => {
    const time = new TestTime();
    const gateway = await TestGateway.open({ file: ':memory:', clock: time });
    time.setAhead(7_200_000);
    expect(await gateway.charge(chargeOf('test-late'))).toEqual({ status: 'pending' });
    expect(await gateway.lookUp('p')).toEqual({ status: 'pending' });
    time.setAhead(0);
    await time.pass(2_000);
    expect(await gateway.lookUp('p')).toMatchObject({ status: 'captured' });
    await gateway.close();
  });

  it('that was captured in time is answered so afterwards too', async () => {
    const time = new TestTime();
    const gateway = await TestGateway.open({ file: ':memory:', clock: time });
    const charge = chargeOf('test-late', { notAfter: '2026-01-01T12:00:02.000Z' });
    expect(await gateway.charge(charge)).toEqual({ status: 'pending' });
    await time.pass(3_600_000);
    expect(await gateway.charge(charge)).toMatchObject({ status: 'captured' });
    expect(await gateway.void('p')).toMatchObject({ status: 'captured' });
    await gateway.close();
  });
});
