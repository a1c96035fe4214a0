import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCompiled } from '../support/programs';
import { startMain } from '../support/shop-process';
import { tempFolder } from '../support/temp-folder';

const folder = tempFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const notPem = join(folder, 'not.pem');
writeFileSync(notPem, 'nothing');

async function outcomeOf(env: Readonly<Record<string, string>>, ...argv: string[]) {
  const program = startCompiled('src/main.js', argv, { env: { PORT: '0', DATA_DIR: join(folder, 'data'), ...env } });
  return { status: await program.ended(), printed: program.lines, errors: program.errors };
}

describe('a configuration that is wrong', () => {
  it.each([
    ['EVENTSTORE_URL', 'esdb://us er:p@ss:w/%?#@127.0.0.1:2113'],
    ['EVENTSTORE_URL', `esdb://127.0.0.1:1?tlsCAFile=${notPem}`],
    ['MONGODB_URL', 'mongodb://us er:p@ss:w/%?#@127.0.0.1:27017'],
    ['MONGODB_URL', 'mongodb://127.0.0.1:27017/shop?tsl=true'],
    ['MONGODB_KEYS_URL', 'mongodb://127.0.0.1:27017/keys?tls=true&tlsCAFile=/not/there'],
    ['MONGODB_KEYS_URL', `mongodb://127.0.0.1:27017/keys?tls=true&tlsCAFile=${notPem}`],
    ['ADMIN_PASSWORD', 'administrator'],
  ])('ends with status 2 and one sentence that names the variable: %s=%s', async (name, value) => {
    const { status, printed, errors } = await outcomeOf({ [name]: value });
    expect([status, printed]).toEqual([2, []]);
    expect(errors).toEqual([
      expect.stringMatching(new RegExp(`^${name} (can't be used|is refused): [^.]+(\\.[^ ]+)*\\.$`)),
    ]);
    expect(errors.join()).not.toContain('ss:w');
  });

  it('is told whole by --check-config, which says of a right one that it is', async () => {
    const wrong = await outcomeOf({ LOG_LEVEL: 'loud', BODY_LIMIT: 'x' }, '--check-config');
    expect(wrong).toMatchObject({ status: 2, printed: [] });
    expect(wrong.errors.map((line) => line.split(' ')[0])).toEqual(['LOG_LEVEL', 'BODY_LIMIT']);
    const right = await outcomeOf({ MONGODB_URL: 'mongodb://nowhere.example/shop' }, '--check-config');
    expect(right).toEqual({ status: 0, printed: ['The configuration is right.'], errors: [] });
    expect(statSync(join(folder, 'data'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('a start', () => {
  it('whose admin is given prints no credentials, and without the demo proposes nothing that finds nothing', async () => {
    const shop = startMain(join(folder, 'given'), { ADMIN_PASSWORD: 'correct horse battery' });
    await shop.said(/creates products/);
    expect(shop.lines.join('\n')).not.toMatch(/Password|Admin |correct horse|journey/);
    shop.process.kill('SIGTERM');
    expect(await shop.ended()).toBe(0);
  });
});
