import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError, loadConfig, wantsHelp } from '#src/config';
import { describeConfig, usage } from '#src/config-pages';
import { variables, type Variable } from '#src/config-variables';
import { tempFolderOfThisFile } from '../support/temp-folder';

const DEFAULT_RATES = {
  guests: 60,
  registrations: 10,
  'log-ins': 30,
  passwords: 10,
  orders: 60,
  cart: 1_200,
  changes: 1_200,
  reads: 6_000,
  commands: 2_000,
};
const SECRET = 'k3J9xQ7mPz2WvB5nR8tYcD4fG6hL1sAa';

function refusal(env: Record<string, string>, argv: readonly string[] = []): string {
  try {
    loadConfig(env, argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('configuration', () => {
  it('needs nothing', () => {
    expect(loadConfig({}, [])).toEqual({
      port: 3000,
      opsPort: 3001,
      host: '127.0.0.1',
      dataDir: resolve('data'),
      role: 'all',
      shopSecret: null,
      publicUrl: 'http://127.0.0.1:3000',
      logLevel: 'info',
      logFormat: 'text',
      bodyLimit: 524_288,
      trustedProxies: [],
      cacheMb: 32,
      maxConnections: 5_000,
      rateLimits: DEFAULT_RATES,
      queryTimeoutMs: 2_000,
      eventStoreUrl: null,
      mongodbUrl: null,
      mongodbPool: 50,
      mongodbKeysUrl: null,
      kafka: null,
      historyPriority: 'idle',
      relayFrom: null,
      demo: true,
      firstAdmin: { email: 'admin@chronocart.local', password: null },
      resetAdminPassword: false,
      acceptLostKeys: false,
      restore: false,
    });
  });

  it('takes what it is given, and passes over what belongs to others', () => {
    const env = {
      PORT: '0',
      OPS_PORT: '9100',
      HOST: '0.0.0.0',
      DATA_DIR: 'some/where',
      ROLE: 'all',
      SHOP_SECRET: ` ${SECRET}\n`,
      PUBLIC_URL: 'https://shop.example.com/eu/',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      BODY_LIMIT: '4096',
      TRUSTED_PROXIES: '10.1.0.0/16, fd00::/8,192.0.2.7,loopback',
      CACHE_MB: '128',
      MAX_CONNECTIONS: '250',
      RATE_LIMITS: 'orders=6, log-ins=1000000',
      QUERY_TIMEOUT_MS: '500',
      MONGODB_POOL: '7',
      EVENTSTORE_URL: 'esdb://ann:word@one:2113,two:2113?tls=true',
      MONGODB_URL: 'mongodb://one,two/shop?replicaSet=rs0',
      MONGODB_KEYS_URL: 'mongodb+srv://keys.example.com/keys',
      KAFKA_BROKERS: 'one:9092, two:9092',
      KAFKA_PREFIX: 'eu.shop',
      KAFKA_TLS: 'true',
      HISTORY_PRIORITY: 'normal',
      KAFKA_SASL: 'scram-sha-256',
      KAFKA_USERNAME: 'relay',
      KAFKA_PASSWORD: 'word',
      RELAY_FROM: 'beginning',
      DEMO: 'true',
      ADMIN_EMAIL: 'root@shop.example',
      ADMIN_PASSWORD: 'correct horse battery',
      PATH: '/usr/bin',
    };
    expect(loadConfig(env, ['--no-demo', '--reset-admin-password', '--restore'])).toEqual({
      port: 0,
      opsPort: 9100,
      host: '0.0.0.0',
      dataDir: resolve('some/where'),
      role: 'all',
      shopSecret: SECRET,
      publicUrl: 'https://shop.example.com/eu',
      logLevel: 'debug',
      logFormat: 'json',
      bodyLimit: 4096,
      trustedProxies: ['10.1.0.0/16', 'fd00::/8', '192.0.2.7', 'loopback'],
      cacheMb: 128,
      maxConnections: 250,
      rateLimits: { ...DEFAULT_RATES, orders: 6, 'log-ins': 1_000_000 },
      queryTimeoutMs: 500,
      mongodbPool: 7,
      eventStoreUrl: 'esdb://ann:word@one:2113,two:2113?tls=true',
      mongodbUrl: 'mongodb://one,two/shop?replicaSet=rs0',
      mongodbKeysUrl: 'mongodb+srv://keys.example.com/keys',
      kafka: {
        brokers: ['one:9092', 'two:9092'],
        prefix: 'eu.shop',
        tls: true,
        sasl: { mechanism: 'scram-sha-256', username: 'relay', password: 'word' },
      },
      historyPriority: 'normal',
      relayFrom: 'beginning',
      demo: false,
      firstAdmin: { email: 'root@shop.example', password: 'correct horse battery' },
      resetAdminPassword: true,
      acceptLostKeys: false,
      restore: true,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const names = ['PORT', 'HOST', 'ROLE', 'SHOP_SECRET', 'PUBLIC_URL', 'MONGODB_URL', 'KAFKA_BROKERS'];
    expect(loadConfig(Object.fromEntries(names.map((name, i) => [name, ' '.repeat(i % 2)])), [])).toEqual(
      loadConfig({}, []),
    );
  });

  it.each([
    [{}, 3001],
    [{ PORT: '8080' }, 8081],
    [{ PORT: '0' }, 0],
    [{ PORT: '65535', OPS_PORT: '0' }, 0],
  ])('has a port for operators beside that of the API: %j', (env, opsPort) => {
    expect(loadConfig(env, []).opsPort).toBe(opsPort);
  });

  it('refuses a port for operators that there can not be', () => {
    expect(refusal({ PORT: '65535' })).toBe('OPS_PORT must be set where PORT is 65535, the last one.');
    expect(refusal({ PORT: '4000', OPS_PORT: '4000' })).toBe('OPS_PORT must be another port than PORT.');
    expect(refusal({ OPS_PORT: 'x' })).toMatch(/^OPS_PORT must be a whole number/);
  });

  it('cannot be changed', () => {
    const config = loadConfig({}, []) as { port: number };
    expect(() => (config.port = 1)).toThrow(TypeError);
  });

  it.each([
    ['0.0.0.0', 'http://localhost:80'],
    ['::', 'http://localhost:80'],
    ['::1', 'http://[::1]:80'],
    ['shop.local', 'http://shop.local:80'],
  ])('with HOST %s the shop is reached at %s', (HOST, publicUrl) => {
    expect(loadConfig({ HOST, PORT: '80' }, []).publicUrl).toBe(publicUrl);
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['HOST', 'http://localhost'],
    ['HOST', 'two words'],
    ['ROLE', 'worker'],
    ['ROLE', 'All'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['BODY_LIMIT', '100kB'],
    ['BODY_LIMIT', '0'],
    ['BODY_LIMIT', '99999999999999999999'],
    ['BODY_LIMIT', '524289'],
    ['MAX_CONNECTIONS', '9'],
    ['QUERY_TIMEOUT_MS', '2s'],
    ['QUERY_TIMEOUT_MS', '60001'],
    ['MONGODB_POOL', '0'],
    ['RATE_LIMITS', 'on'],
    ['RATE_LIMITS', 'orders'],
    ['RATE_LIMITS', 'orders=0'],
    ['RATE_LIMITS', 'orders=-1'],
    ['RATE_LIMITS', 'orders=1000001'],
    ['RATE_LIMITS', 'orders=1.5'],
    ['RATE_LIMITS', 'orders=5,'],
    ['RATE_LIMITS', 'orders=5,orders=6'],
    ['RATE_LIMITS', 'toString=5'],
    ['RATE_LIMITS', 'off,orders=5'],
    ['HISTORY_PRIORITY', 'urgent'],
    ['TRUSTED_PROXIES', 'everyone'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.1/8/8'],
    ['TRUSTED_PROXIES', '10.0.0.1,'],
    ['PUBLIC_URL', 'shop.example.com'],
    ['PUBLIC_URL', 'ftp://shop.example.com'],
    ['PUBLIC_URL', 'https://user:word@shop.example.com'],
    ['PUBLIC_URL', 'https://shop.example.com/?a=1'],
    ['SHOP_SECRET', 'too-short'],
    ['SHOP_SECRET', 'changeme-changeme-changeme-changeme'],
    ['SHOP_SECRET', 'a'.repeat(40)],
    ['EVENTSTORE_URL', 'http://localhost:2113'],
    ['EVENTSTORE_URL', 'esdb://'],
    ['EVENTSTORE_URL', 'esdb://us er:p@ss:w/%?#@127.0.0.1:2113'],
    ['EVENTSTORE_URL', 'esdb://localhost?tlsCAFile=/not/there'],
    ['EVENTSTORE_URL', `esdb://localhost?tlsCAFile=${__filename}`],
    ['DEMO', 'yes'],
    ['ADMIN_EMAIL', 'root'],
    ['ADMIN_PASSWORD', 'too-short'],
    ['MONGODB_URL', 'localhost:27017'],
    ['MONGODB_KEYS_URL', 'esdb://localhost'],
    ['KAFKA_BROKERS', 'localhost'],
    ['KAFKA_BROKERS', 'localhost:9092,'],
    ['KAFKA_PREFIX', 'my shop'],
    ['KAFKA_TLS', 'yes'],
    ['KAFKA_SASL', 'gssapi'],
    ['RELAY_FROM', '17'],
  ])('refuses %s=%s in one sentence that names the variable', (name, value) => {
    const sentence = refusal({ [name]: value });
    expect(sentence).toMatch(new RegExp(`^${name} (must be|is refused because|can't be used:) [^\\n]+\\.$`));
    expect(sentence.match(/\.(\s|$)/g)).toHaveLength(1);
  });

  it('never repeats a secret or a password', () => {
    const secret = randomBytes(8).toString('hex');
    expect(refusal({ SHOP_SECRET: secret })).not.toContain(secret);
    expect(refusal({ PUBLIC_URL: `https://user:${secret}@shop.example.com` })).not.toContain(secret);
    expect(refusal({ MONGODB_URL: `mongo://user:${secret}@localhost` })).not.toContain(secret);
    expect(refusal({ EVENTSTORE_URL: `user:${secret}@localhost` })).not.toContain(secret);
    expect(refusal({ KAFKA_PASSWORD: secret })).not.toContain(secret);
  });

  it.each([
    ['SMTP_URL', 'smtp://localhost'],
    ['STRIPE_SECRET_KEY', 'sk_test_1'],
  ])('refuses %s, whose adapter this release does not have', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^${name} is set, but this release has no \\w+ adapter`));
  });

  it.each(['api', 'projections', 'processes', 'relay'])('refuses ROLE %s without what its others share', (ROLE) => {
    expect(refusal({ ROLE, KAFKA_BROKERS: 'one:9092' })).toBe(
      `ROLE ${ROLE} needs EVENTSTORE_URL, MONGODB_URL, SHOP_SECRET, which only ROLE all goes without.`,
    );
    expect(refusal({ ROLE, SHOP_SECRET: SECRET })).toContain('needs EVENTSTORE_URL, MONGODB_URL, which');
  });

  it('refuses what does not make sense without something else', () => {
    const shared = { EVENTSTORE_URL: 'esdb://localhost', MONGODB_URL: 'mongodb://localhost', SHOP_SECRET: SECRET };
    expect(refusal({ ROLE: 'relay', ...shared })).toBe(
      'ROLE relay needs KAFKA_BROKERS, the brokers that it relays to.',
    );
    expect(refusal({ KAFKA_USERNAME: 'relay' })).toContain('belong together');
  });

  it('makes the demo of itself on the embedded event store alone, and elsewhere where it is asked for', () => {
    const EVENTSTORE_URL = 'esdb://localhost';
    const demoOf = (env: Record<string, string>, ...argv: string[]) => loadConfig(env, argv).demo;
    expect(demoOf({})).toBe(true);
    expect(demoOf({ DEMO: 'false' })).toBe(false);
    expect(demoOf({ EVENTSTORE_URL })).toBe(false);
    expect(demoOf({ EVENTSTORE_URL, DEMO: 'true' })).toBe(true);
    expect(demoOf({ EVENTSTORE_URL, DEMO: 'true' }, '--no-demo')).toBe(false);
  });

  it('takes the strings of KurrentDB for what they are', () => {
    for (const EVENTSTORE_URL of ['kurrentdb://localhost', 'kurrentdb+discover://cluster', 'kdb://one,two'])
      expect(loadConfig({ EVENTSTORE_URL }, []).eventStoreUrl).toBe(EVENTSTORE_URL);
  });

  it('says all that is wrong, each in a line', () => {
    expect(refusal({ PORT: 'x', LOG_LEVEL: 'loud' }, ['--no']).split('\n')).toEqual([
      expect.stringMatching(/^Argument --no /),
      expect.stringMatching(/^PORT /),
      expect.stringMatching(/^LOG_LEVEL /),
    ]);
  });

  it('limits nobody where it says so', () => {
    expect(loadConfig({ RATE_LIMITS: 'off' }, []).rateLimits).toBeNull();
  });

  it('refuses an argument that it does not know', () => {
    for (const argument of ['--demo', '--no-demo=1', 'toString', '-h']) {
      expect(refusal({}, ['--no-demo', argument])).toContain(`Argument ${argument} is not known`);
    }
  });

  it('explains itself', () => {
    expect(wantsHelp(['--no-demo', '--help'])).toBe(true);
    expect(wantsHelp(['--no-demo'])).toBe(false);
    for (const name of ['PORT', 'DATA_DIR', 'SHOP_SECRET', '--no-demo', '--help']) expect(usage()).toContain(name);
  });

  it('is what docs/configuration.md says (else run: node scripts/docs.mjs)', () => {
    expect(readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8')).toBe(describeConfig());
  });
});

describe('a secret', () => {
  const folder = tempFolderOfThisFile();
  const fileWith = (text: string) => {
    const file = join(folder, randomBytes(6).toString('hex'));
    writeFileSync(file, text);
    return file;
  };
  const secrets = Object.values<Variable<unknown>>(variables).filter(({ secret }) => secret);

  it('is every variable that holds a password or a key', () => {
    const names = Object.values(variables).map(({ name }) => name);
    const sensitive = names.filter((name) => /SECRET|PASSWORD|(EVENTSTORE|MONGODB).*_URL/.test(name));
    expect(secrets.map(({ name }) => name).sort()).toEqual(sensitive.sort());
  });

  it('may be in a file', () => {
    const env = {
      SHOP_SECRET_FILE: fileWith(`${SECRET}\n`),
      EVENTSTORE_URL_FILE: fileWith('esdb://one'),
      MONGODB_URL_FILE: fileWith('mongodb://one'),
      MONGODB_KEYS_URL_FILE: fileWith('mongodb://two'),
      ADMIN_PASSWORD_FILE: fileWith('correct horse battery'),
      KAFKA_BROKERS: 'one:9092',
      KAFKA_USERNAME: 'relay',
      KAFKA_PASSWORD_FILE: fileWith('word'),
    };
    expect(loadConfig(env, [])).toMatchObject({
      shopSecret: SECRET,
      eventStoreUrl: 'esdb://one',
      mongodbUrl: 'mongodb://one',
      mongodbKeysUrl: 'mongodb://two',
      firstAdmin: { password: 'correct horse battery' },
      kafka: { sasl: { password: 'word' } },
      demo: false,
    });
    expect(loadConfig({ ...env, ROLE: 'api' }, []).role).toBe('api');
  });

  it.each(secrets.map(({ name }) => name))('is refused in one sentence, in a file that is none: %s', (name) => {
    expect(refusal({ [`${name}_FILE`]: join(folder, 'not-there') })).toContain(
      `${name}_FILE names a file that can't be read (ENOENT).`,
    );
    expect(refusal({ [`${name}_FILE`]: fileWith(' \n') })).toContain(`${name}_FILE names a file that is empty.`);
    expect(refusal({ [`${name}_FILE`]: fileWith('x'), [name]: 'x' })).toContain(
      `${name} and ${name}_FILE are both set; remove one of them.`,
    );
  });

  it('is not looked at by a role that does not need it', () => {
    const env = { EVENTSTORE_URL: 'esdb://one', MONGODB_URL: 'mongodb://one', SHOP_SECRET: SECRET };
    const others = { ADMIN_PASSWORD_FILE: '/not/there', ADMIN_EMAIL: 'x', KAFKA_PASSWORD_FILE: '/not/there' };
    expect(loadConfig({ ...env, ...others, ROLE: 'processes' }, []).firstAdmin.password).toBeNull();
    expect(refusal({ ...env, ...others, ROLE: 'api' })).toMatch(/^ADMIN_EMAIL .*\nADMIN_PASSWORD_FILE [^\n]+$/);
  });
});
