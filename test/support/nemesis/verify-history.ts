import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { inRoot } from '../root';

/** `history verify`, as an operator runs it: what it says, and its exit status. */
export async function verifyHistory(env: Readonly<Record<string, string>>): Promise<{ status: number; says: string }> {
  const args = [inRoot('dist', 'src', 'history', 'cli.js'), 'history', 'verify'];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? -1, says: said.join('').trim() };
}
