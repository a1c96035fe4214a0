import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadConfig } from '#src/config';
import { variables } from '#src/config-variables';
import { dutiesOf } from '#src/app/roles';
import {
  askedFor,
  assignmentsIn,
  compose,
  composeText,
  environmentOf,
  imageEnvironment,
  makeEnv,
  pathOf,
  textOf,
  type Service,
} from '../support/deployment';

const services = Object.entries(compose.services);
const roles = Object.keys(dutiesOf).filter((role) => role !== 'all');
const SECRET = /PASSWORD|SECRET/;

let envFile: string;
let values: Map<string, string>;
beforeAll(() => {
  envFile = makeEnv();
  values = new Map(assignmentsIn(readFileSync(envFile, 'utf8')));
});
afterAll(() => rmSync(dirname(envFile), { recursive: true, force: true }));

const folderOf = (volume: string): [source: string, target: string] =>
  volume.split(':').slice(0, 2) as [string, string];

describe('docker-compose.yml', () => {
  it('has a service for every role that stands beside others, named like it', () => {
    const ofTheShop = services.filter(([, { build }]) => build !== undefined).map(([name]) => name);
    expect(ofTheShop.sort()).toEqual([...roles].sort());
    for (const role of roles) expect([role, compose.services[role]?.environment?.['ROLE']]).toEqual([role, role]);
  });

  it.each(roles)('gives %s an environment that it starts with, of variables that it knows', (role) => {
    const known = new Set<string>(Object.values(variables).map(({ name }) => name));
    const service = compose.services[role] as Service;
    expect(Object.keys(service.environment ?? {}).filter((name) => !known.has(name))).toEqual([]);
    expect(loadConfig(environmentOf(service, values), [])).toMatchObject({
      role,
      port: 3000,
      opsPort: 3001,
      host: '0.0.0.0',
    });
  });

  it('names an exact version of every image, and that of this release for the shop', () => {
    const vague = services.filter(([, { image }]) => !/:v?\d+\.\d+\.\d+(-[\w.]+)?$/.test(image));
    expect(vague.map(([name, { image }]) => `${name}: ${image}`)).toEqual([]);
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    for (const role of roles) expect(compose.services[role]?.image).toBe(`chronocart:${version}`);
  });

  it('has a health check for every service, and starts each again when it ends', () => {
    const without = services.filter(([, { healthcheck, restart }]) => !healthcheck || restart !== 'unless-stopped');
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('gives the roles longer to stop than they take', () => {
    for (const role of roles) expect(compose.services[role]?.stop_grace_period).toBe('20s');
  });

  it('asks for every password, so that a missing one is an error, and holds none', () => {
    expect(askedFor().filter((inside) => !/^[A-Z_]+:\?.+/.test(inside))).toEqual([]);
    for (const [name, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        if (SECRET.test(variable))
          expect([name, variable, value]).toEqual([name, variable, expect.stringMatching(/^\$\{/)]);
    const filledIn = composeText.replace(/\$\{[^}]*\}/g, 'asked-for');
    const credentials = [...filledIn.matchAll(/:\/\/[^\s:@/]+:([^\s@/]+)@/g)].map(([, password]) => password);
    expect(new Set(credentials)).toEqual(new Set(['asked-for']));
  });

  it('lets nobody in from other machines', () => {
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    expect(open.filter((port) => !/^\w+ 127\.0\.0\.1:/.test(port))).toEqual([]);
  });

  it('keeps what servers store in named volumes, and mounts only files that are there', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => folderOf(volume)[0]));
    const files = mounted.filter((source) => source.startsWith('./'));
    expect(files.filter((file) => !existsSync(pathOf(file)))).toEqual([]);
    const named = new Set(mounted.filter((source) => !source.startsWith('./')));
    expect([...named].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('lets the API and the processes share the books of the test gateway', () => {
    const { DATA_DIR: folder } = imageEnvironment();
    for (const role of ['api', 'processes'])
      expect(compose.services[role]?.volumes?.map(folderOf)).toContainEqual(['gateway', folder]);
  });

  it('keeps nginx away from the servers, and stops the roles before them', () => {
    expect(compose.services['nginx']?.networks).toEqual(['edge']);
    for (const role of roles)
      expect(compose.services[role]?.depends_on).toEqual(expect.arrayContaining(['eventstoredb', 'mongodb']));
    expect(compose.services['relay']?.depends_on).toContain('kafka');
  });
});

describe('.env.example', () => {
  const example = assignmentsIn(textOf('.env.example'));

  it('names exactly what docker-compose.yml asks for', () => {
    const asked = askedFor().map((inside) => inside.split(':')[0]);
    expect(example.map(([name]) => name).sort()).toEqual(asked.sort());
  });

  it('holds no password', () => {
    expect(example.filter(([name, value]) => SECRET.test(name) && value !== '')).toEqual([]);
  });

  it('becomes, by deploy/make-env.sh, a file with passwords of its own', () => {
    expect([...values.keys()]).toEqual(example.map(([name]) => name));
    const drawn = [...values].filter(([name]) => SECRET.test(name)).map(([, value]) => value);
    for (const password of drawn) expect(password).toMatch(/^[0-9a-f]{48}$/);
    const another = makeEnv();
    const others = assignmentsIn(readFileSync(another, 'utf8')).map(([, value]) => value);
    rmSync(dirname(another), { recursive: true, force: true });
    expect(new Set([...drawn, ...others]).size).toBeGreaterThanOrEqual(2 * drawn.length);
  });

  it('is never made into a file that is there already: its secret may have sealed something', () => {
    const before = readFileSync(envFile, 'utf8');
    expect(() => makeEnv(envFile)).toThrow('is there already');
    expect(readFileSync(envFile, 'utf8')).toBe(before);
  });
});

const plugin = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' });
const itCompose = plugin.status === 0 ? it : it.skip;
itCompose(
  `docker compose accepts it${plugin.status === 0 ? '' : ' (skipped: this machine has no docker compose)'}`,
  () => {
    const file = pathOf('docker-compose.yml');
    const options = ['compose', '--env-file', envFile, '--file', file, '--profile', 'observability'];
    const { status, stderr } = spawnSync('docker', [...options, 'config', '--quiet'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  },
);
