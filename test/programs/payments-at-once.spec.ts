import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inRoot } from '../support/root';

/** As many as Node.js takes for a leak of listeners, and one. Warnings are heard only in a process of its own. */
const CHARGES = 12;

const PROGRAM = `
  const { TestGateway } = require(${JSON.stringify(inRoot('dist/src/payments/test-gateway.js'))});
  const { SystemClock } = require(${JSON.stringify(inRoot('dist/src/kernel/clock.js'))});
  TestGateway.open({ file: ':memory:', clock: new SystemClock() }).then(async (gateway) => {
    const method = { gateway: 'test', token: 'test-late' };
    const charge = (_, n) => gateway.charge({ paymentId: 'p' + n, amountMinor: 100, currency: 'EUR', method });
    console.log((await Promise.all(Array.from({ length: ${CHARGES} }, charge))).map(({ status }) => status).join());
    await gateway.close();
  });
`;

it('payments under way at the test gateway are taken for no leak, however many they are', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', PROGRAM]);
  expect([stdout.trim(), stderr]).toEqual([Array(CHARGES).fill('pending').join(), '']);
});
