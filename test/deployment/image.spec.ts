import { existsSync } from 'node:fs';
import { compose, imageEnvironment, pathOf, textOf } from '../support/deployment';

const dockerfile = textOf('Dockerfile');
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const linesOf = (text: string, instruction: string) =>
  text.split('\n').flatMap((line) => (line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : []));

const numbersIn = (pattern: RegExp, text: string): number[] => (pattern.exec(text) ?? []).slice(1).map(Number);

describe('the image', () => {
  it('starts, as node itself and not as root, what the build makes of src/main.ts', () => {
    expect(linesOf(lastStage, 'CMD')).toEqual(['["node", "--max-semi-space-size=16", "dist/src/main.js"]']);
    expect(linesOf(lastStage, 'USER')).toEqual(['node']);
    const { projects } = JSON.parse(textOf('nest-cli.json')) as { projects: { api: { entryFile: string } } };
    expect(projects.api.entryFile).toBe('src/main');
    expect(existsSync(pathOf('src', 'main.ts'))).toBe(true);
  });

  it('gives new objects as much room as npm start and the program that measures what a crowd takes', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const optionsOf = (command: string) => command.match(/--max-\S+?=\d+/g);
    const given = optionsOf(linesOf(lastStage, 'CMD').join());
    expect(given).toHaveLength(1);
    for (const name of ['start', 'start:projections', 'crowd']) expect(optionsOf(scripts[name]!)).toEqual(given);
    expect(optionsOf(textOf('test/programs/crowd.spec.ts'))).toEqual(given);
  });

  it('is of an exact version of Node that the package supports', () => {
    const [image = ''] = linesOf(dockerfile, 'ARG').map((arg) => arg.replace('NODE_IMAGE=', ''));
    const [major = 0, minor = 0] = numbersIn(/^node:(\d+)\.(\d+)\.\d+-bookworm-slim$/, image);
    const { engines } = JSON.parse(textOf('package.json')) as { engines: { node: string } };
    const [leastMajor = 0, leastMinor = 0] = numbersIn(/^>=(\d+)\.(\d+)\./, engines.node);
    expect(major > leastMajor || (major === leastMajor && minor >= leastMinor)).toBe(true);
    // Only even ones are maintained for years.
    expect(major % 2).toBe(0);
  });

  it('is built from files that are there, and nothing else reaches the build', () => {
    const copied = linesOf(dockerfile, 'COPY').filter((line) => !line.startsWith('--from'));
    const sources = copied.flatMap((line) => line.split(' ').slice(0, -1));
    expect(sources.filter((source) => !existsSync(pathOf(source)))).toEqual([]);
    const [first, ...allowed] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    expect(allowed.map((line) => line.replace(/^!/, '')).sort()).toEqual([...sources].sort());
  });

  it('holds the compiled shop, what it needs to run, package.json, and the command line of analysts', () => {
    const kept = linesOf(lastStage, 'COPY').map((line) => line.replace('--from=build /app/', '').split(' ')[0]);
    expect(kept).toEqual(['package.json', 'node_modules', 'dist', 'bin', 'scripts/build.mjs']);
    const { bin } = JSON.parse(textOf('package.json')) as { bin: { chronocart: string } };
    expect(linesOf(lastStage, 'RUN')).toContain(`ln -s /app/${bin.chronocart} /usr/local/bin/chronocart`);
    expect(dockerfile).toContain('npm prune --omit=dev');
    expect(imageEnvironment()).toMatchObject({ NODE_ENV: 'production', DATA_DIR: '/data' });
  });
});

describe('nginx', () => {
  const conf = textOf('deploy', 'nginx', 'nginx.conf')
    .split('\n')
    .map((line) => line.replace(/^\s*#.*/, ''))
    .join('\n');

  it('sends requests to all processes of the API, also those that are added later', () => {
    expect(compose.services).toHaveProperty('api');
    expect(conf).toMatch(new RegExp(`server api:${imageEnvironment()['PORT']} resolve\\b`));
    expect(conf).toMatch(/location \/ \{\s*proxy_pass http:\/\/api;/);
  });

  it('reaches no port for operators', () => {
    expect(conf).not.toContain(String(imageEnvironment()['OPS_PORT']));
  });

  it('says who asks, whatever a client says, and the API believes it', () => {
    expect(conf).toContain('proxy_set_header X-Forwarded-For $remote_addr;');
    expect(compose.services['api']?.environment).toHaveProperty('TRUSTED_PROXIES');
  });

  it('sends again only what may be sent again, and leaves the ETags strong', () => {
    expect(conf).toMatch(/proxy_next_upstream error timeout;/);
    expect(conf).not.toMatch(/non_idempotent|gzip\s+on/);
  });
});
