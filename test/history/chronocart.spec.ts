import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCompiled } from '../support/programs';
import { type RunningShop, startShop } from '../support/shop-app';
import { addToCart, checkOut, stocked } from '../support/shopping';

const ROOT = join(__dirname, '..', '..');
const PROGRAM = join('src', 'history', 'cli.js');

/** Runs the compiled command line in a process of its own. */
async function chronocart(dataDir: string, ...args: string[]) {
  const program = startCompiled(PROGRAM, args, { env: { DATA_DIR: dataDir, EVENTSTORE_URL: '', LOG_LEVEL: '' } });
  const status = await program.ended();
  return { status, out: program.lines, err: program.errors };
}

describe('chronocart', () => {
  let shop: RunningShop;
  let orderId: string;
  beforeAll(async () => {
    shop = await startShop();
    const token = await shop.tokens.guest();
    await addToCart(shop, token, await stocked(shop));
    orderId = (await checkOut(shop, token)).body.orderId as string;
  });
  afterAll(() => shop.stop());

  it('reads the embedded store while the shop writes to it, and the shop goes on', async () => {
    const shopping = (async () => {
      for (let n = 0; n < 20; n++) await stocked(shop);
    })();
    const { status, out, err } = await chronocart(shop.folder, 'history', 'show', `order-${orderId}`, '--steps');
    expect([status, err]).toEqual([0, []]);
    expect(out[0]).toMatch(/^0 {2}OrderPlaced /);
    await shopping;
    expect((await shop.shop.app.inject('/health/ready')).statusCode).toBe(200);
  });

  it('ends with status 2 for misuse, 1 for what there is not, and says why on standard error', async () => {
    expect(await chronocart(shop.folder)).toMatchObject({ status: 2, out: [], err: [/^Usage: /].map(asMatcher) });
    expect(await chronocart(shop.folder, 'history', 'show')).toMatchObject({ status: 2, out: [] });
    const unknown = await chronocart(shop.folder, 'history', 'show', '00000-00000');
    expect(unknown).toEqual({ status: 1, out: [], err: ['There is no order 00000-00000.'] });
    expect(await chronocart(shop.folder, '--help')).toMatchObject({
      status: 0,
      out: [/^Usage: /].map(asMatcher),
      err: [],
    });
  });

  it('ends quietly when whoever reads its answer has seen enough', async () => {
    const program = join(ROOT, 'dist', PROGRAM);
    const script = '"$0" "$1" history show "$2" --steps | head -n 1; echo "status ${PIPESTATUS[0]}"';
    const { stdout, stderr } = await promisify(execFile)(
      'bash',
      ['-c', script, process.execPath, program, `checkout-${orderId}`],
      { env: { ...process.env, DATA_DIR: shop.folder, EVENTSTORE_URL: '' } },
    );
    expect(stdout).toMatch(/^0 {2}Reacted .*\nstatus 0\n$/);
    expect(stderr).toBe('');
  });

  it('is installed under its name, and as a script of a checkout', () => {
    const { bin, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      'bin' | 'scripts',
      Record<string, string>
    >;
    const file = bin['chronocart']!;
    accessSync(join(ROOT, file), constants.X_OK);
    expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(scripts['history']).toBe(`node ${file} history`);
  });
});

const asMatcher = (pattern: RegExp) => expect.stringMatching(pattern);
