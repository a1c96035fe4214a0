// npm run night: the long programs, one after the other, that are too long for every push. Each has a short form in .ci/run. Exit status 1:
// one of them failed; what it has said stands above.
import { spawnSync } from 'node:child_process';
import { root } from './build.mjs';

/** Scripts of package.json with their arguments. */
const PROGRAMS = [
  ['chaos', '--minutes=30', '--shape=embedded'],
  ['chaos', '--minutes=30', '--shape=deployed'],
  ['crowd'],
];

const failed = PROGRAMS.filter(([script, ...args]) => {
  console.log(`\n==== npm run ${script} -- ${args.join(' ')}`);
  const { status } = spawnSync('npm', ['run', '--silent', script, '--', ...args], { cwd: root, stdio: 'inherit' });
  return status !== 0;
});

console.log(`\n${PROGRAMS.length - failed.length} of ${PROGRAMS.length} passed.`);
for (const [script, ...args] of failed) console.log(`Failed: npm run ${script} -- ${args.join(' ')}`);
process.exit(failed.length > 0 ? 1 : 0);
