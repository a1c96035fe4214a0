import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHistory } from '#src/history/source';
import type { RecordedEvent } from '#src/kernel/events';
import { stampOf } from '#src/kernel/position';
import { history } from './command-line';
import { HOSTILE, SOLD_OUT, tradedFolder } from '../support/traded-folder';

let folder: string;
let log: RecordedEvent[];
beforeAll(async () => {
  folder = await tradedFolder(SOLD_OUT);
  const source = await openHistory({ dataDir: folder, eventStoreUrl: null });
  log = await source.store.readAll({ limit: 100_000 });
  await source.close();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const report = (...args: string[]) => history(folder, ['report', ...args]);
const pageIn = (file: string) => join(folder, file);

async function page(file: string, ...args: string[]): Promise<string> {
  expect(await report('--out', pageIn(file), ...args)).toMatchObject({ status: 0, err: '' });
  return readFileSync(pageIn(file), 'utf8');
}

describe('the page of a report', () => {
  it('is the same, byte for byte, for the same history and instant', async () => {
    const to = stampOf(log.at(-1)!.position);
    expect(await page('twice.html', '--to', to)).toBe(await page('once.html', '--to', to));
  });

  it('is well-formed, whatever sellers call their products', async () => {
    const text = await page('formed.html');
    expect(unbalanced(text)).toEqual([]);
    expect(text).toContain('&lt;/title&gt;&lt;/svg&gt;&lt;script&gt;alert(&quot;&amp;amp;&quot;)');
    expect(text).not.toContain(HOSTILE);
    expect(text).not.toMatch(/<script/);
    expect(text).toMatch(/<svg id="stock-outs"[^]*<text[^>]*>&lt;\/title&gt;&lt;\/svg&gt;&lt;script&gt;[^]*<\/svg>/);
    const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  /** Elements that are closed in another order than they were opened, and `&` that begins nothing. */
  function unbalanced(text: string): string[] {
    const open: string[] = [];
    const wrong: string[] = text.match(/&(?!(?:amp|lt|gt|quot|#39);)/g) ?? [];
    for (const [, close, name, rest] of text.replace(/^<!DOCTYPE html>/, '').matchAll(/<(\/?)([a-zA-Z]+)([^<>]*)>/g)) {
      if (rest!.endsWith('/')) continue;
      if (close === '') open.push(name!);
      else if (open.pop() !== name) wrong.push(`</${name}>`);
    }
    return [...wrong, ...open];
  }

  it('tells those who see no plots what is in them, with all figures', async () => {
    const text = await page('told.html');
    const plots = text.match(/<svg [^]*?<\/svg>/g) ?? [];
    expect(plots).toHaveLength(7);
    for (const plot of plots) {
      const [, title, says] = /aria-labelledby="(\S+) (\S+)"/.exec(plot)!;
      expect(plot).toMatch(
        new RegExp(`role="img"[^]*<title id="${title}">[^<]+</title>\\s*<desc id="${says}">[^<]+</desc>`),
      );
      expect(plot).not.toMatch(/undefined|NaN/);
    }
    expect(text.match(/<details>\s*<summary>/g)).toHaveLength(plots.length);
  });

  it('fetches nothing', async () => {
    const text = await page('alone.html');
    const addresses = text.match(/https?:\/\/[^"' <]+/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
    expect(text).not.toMatch(/\b(?:src|href|url)\b\s*[=(]/);
  });

  it('names no person', async () => {
    const text = await page('nobody.html');
    for (const known of ['Ada Lovelace', 'Torstra', 'ada@example.com', '@example.com', '"ct"'])
      expect(text).not.toContain(known);
    expect(await report('--json').then(({ out }) => out)).not.toMatch(/Lovelace|@example/);
  });

  it('says that nothing happened, where nothing did', async () => {
    for (const [from, to] of [
      ['2001-01-01', '2001-01-02'],
      ['2101-01-01', '2101-01-02'],
    ]) {
      const text = await page('empty.html', '--from', from!, '--to', to!);
      expect(text).toContain('Nothing happened in this stretch');
      expect(text).not.toMatch(/<svg/);
    }
  });

  it('shows what there is where most of it is missing', async () => {
    const created = log.find(({ type }) => type === 'ProductCreated')!;
    const text = await page('begun.html', '--to', stampOf(created.position));
    expect(text).toContain('No order was confirmed in this stretch.');
    expect(unbalanced(text)).toEqual([]);
  });
});

describe('chronocart history report', () => {
  it('replaces a report of before, and no other file unless it is forced to', async () => {
    await page('again.html');
    await page('again.html');
    writeFileSync(pageIn('notes.html'), 'mine');
    const refused = await report('--out', pageIn('notes.html'));
    expect(refused).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringMatching(/is no report.*--force/) as string,
    });
    expect(readFileSync(pageIn('notes.html'), 'utf8')).toBe('mine');
    expect(await page('notes.html', '--force')).toContain('History report');
    expect(existsSync(pageIn('notes.html.unfinished'))).toBe(false);
  });

  const misused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no file', [], /--out names the file/],
    ['a folder', ['--out', '.'], /is a folder/],
    ['a file in no folder', ['--out', join('nowhere', 'at', 'all.html')], /There is no folder/],
    ['an argument', ['may.html'], /takes no arguments/],
    ['a moment that is none', ['--json', '--from', 'yesterday'], /is no moment/],
    ['a revision', ['--json', '--to', 'revision:3'], /a place in one stream/],
    ['a position after the log', ['--json', '--to', '999999999'], /lies after the log, which ends at \d+/],
    ['an unknown option', ['--json', '--colour'], /--colour/],
  ];
  it.each(misused)('ends with status 2 for %s', async (_, args, says) => {
    const { status, out, err } = await report(...args);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(says);
  });

  it('says where the page is, and what it is as of', async () => {
    const { out } = await report('--out', pageIn('said.html'));
    expect(out).toMatch(
      new RegExp(`^${pageIn('said.html')}: [\\d,]+ events, as of ${stampOf(log.at(-1)!.position)} \\(\\S+\\)\n$`),
    );
    expect(statSync(pageIn('said.html')).mode & 0o077).toBe(0);
  });

  it('shows its progress on a terminal', async () => {
    const { err } = await history(folder, ['report', '--json'], { isTerminal: true });
    expect(err).toMatch(/Asking {2}\d+ %/);
  });
});
