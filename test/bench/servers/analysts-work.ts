import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBeside } from '#src/history/beside-the-shop';
import type { ShopWithHistory } from './shop-with-history';

const REFRESH = join(__dirname, '..', '..', '..', 'src', 'history', 'columnar', 'refresh-process.js');

/** Goes on and on until it is told to stop; resolves when nothing of it runs any more. */
export type Work = (goesOn: () => boolean) => Promise<void>;

const send = (url: string, token: string, method: string, path: string, body?: object): Promise<Response> =>
  fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });

/** It never ends by itself, and takes all the time and memory that it may have. */
const HEAVY = `SELECT count(*), max(md5(a.data || b.data)) FROM events a JOIN events b ON a.type = b.type AND a.seq < b.seq`;

/** As many questions over HTTP at once as are answered at once; each takes in what was recorded since the last one. */
export function heavyQuestions({ url, analyst }: ShopWithHistory): Work {
  const one = async (goesOn: () => boolean) => {
    while (goesOn()) {
      const { status } = await send(url, analyst, 'POST', '/api/history/sql', { sql: HEAVY });
      // 422: it took longer than it may. 503: there is no seat, or no copy yet.
      if (status === 503) await sleep(100);
      else if (status !== 422) throw new Error(`A question was answered ${status}.`);
    }
  };
  return async (goesOn) => void (await Promise.all([one(goesOn), one(goesOn)]));
}

/** Exports of everything as Parquet, asked for over HTTP, one after the other. */
export function parquetExports({ url, analyst }: ShopWithHistory): Work {
  return async (goesOn) => {
    while (goesOn()) {
      const asked = await send(url, analyst, 'POST', '/api/history/exports', { format: 'parquet' });
      const path = asked.headers.get('location');
      if (asked.status !== 202 || path === null) throw new Error(`An export was answered ${asked.status}.`);
      while (goesOn() && !isOver((await (await send(url, analyst, 'GET', path)).json()) as Said)) await sleep(200);
      await send(url, analyst, 'DELETE', path);
    }
  };
}

type Said = Readonly<Record<string, unknown>>;

const isOver = ({ state }: Said): boolean => {
  if (state === 'failed') throw new Error('An export failed.');
  return state === 'done';
};

/** The columnar copy, made from nothing as the shop makes it, again and again. */
export function copies(dataDir: string): Work {
  return async (goesOn) => {
    const folder = join(dataDir, 'another-copy');
    while (goesOn()) {
      rmSync(folder, { recursive: true, force: true });
      const { child, ended } = startBeside(REFRESH, [folder], { DATA_DIR: dataDir });
      while (goesOn() && child.exitCode === null) await sleep(50);
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
}
