import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveAnalysts, startBeside } from '#src/history/beside-the-shop';
import { tempFolderOfThisFile } from '../support/temp-folder';

const folder = tempFolderOfThisFile();
const onLinux = process.platform === 'linux' && existsSync('/usr/bin/chrt') ? it : it.skip;

/** A program that says what it knows of its environment, and waits until its input ends. */
const program = join(folder, 'program.js');
writeFileSync(program, `console.log(JSON.stringify(process.env)); process.stdin.resume(); console.error('ready');`);

afterAll(() => giveAnalysts('normal'));

async function started(env: Readonly<Record<string, string>> = {}) {
  const { child, ended, errors } = startBeside(program, [], env);
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  while (errors() === '') await new Promise((resolve) => setTimeout(resolve, 10));
  // Fields after the name, which is in brackets (proc_pid_stat(5)): the 41st of all is the scheduling policy.
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  child.stdin.end();
  return { policy: Number(fields[41 - 3]), status: await ended, said: JSON.parse(said) as object };
}

const [SCHED_OTHER, SCHED_IDLE] = [0, 5];

describe('a program beside the shop', () => {
  onLinux('gets only what the shop leaves of the processors', async () => {
    giveAnalysts('idle');
    expect(await started()).toMatchObject({ policy: SCHED_IDLE, status: 0 });
  });

  onLinux('gets its share where an operator wants it so', async () => {
    giveAnalysts('normal');
    expect(await started()).toMatchObject({ policy: SCHED_OTHER, status: 0 });
  });

  onLinux('knows nothing of the environment of the shop but what it is given', async () => {
    process.env['SHOP_SECRET'] = 'a secret of the shop';
    const { said } = await started({ DATA_DIR: folder });
    delete process.env['SHOP_SECRET'];
    expect(said).toEqual({ DATA_DIR: folder });
  });
});
