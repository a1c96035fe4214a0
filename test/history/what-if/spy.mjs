/** Looks for what it must not have, and says what it found. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const attempt = (name, act) => {
  try {
    act();
    console.log(`${name}: done`);
  } catch ({ code }) {
    console.error(`${name}: ${code}`);
  }
};

export const whatIf = ({ decisions }) => {
  attempt('write', () => writeFileSync(`${fileURLToPath(import.meta.url)}.written`, ''));
  attempt('run', () => execFileSync('true'));
  attempt('thread', () => new Worker('0', { eval: true }));
  attempt('native', () => createRequire(import.meta.url)('libsql'));
  console.log(`environment: ${JSON.stringify(process.env)}`);
  return { decisions: { 'cart.clear': decisions['cart.clear'] } };
};
