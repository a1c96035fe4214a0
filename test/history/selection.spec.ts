import { join } from 'node:path';
import { unknownIn } from '#src/history/export/known-selection';
import { tempFolderOfThisFile } from '../support/temp-folder';
import { history } from './command-line';
import { writeSampleLog } from './sample-log';

const folder = tempFolderOfThisFile();
beforeAll(() => writeSampleLog(folder, 20));

const exported = (...options: string[]) =>
  history(folder, ['export', '--format', 'csv', '--out', join(folder, 'out'), ...options]);

describe('chronocart history export refuses in one sentence', () => {
  it.each([
    ['a type that there is not', ['--types', 'Nope'], /^--types: There is no event type "Nope"\.\n$/],
    ['a type with another spelling', ['--types', 'orderplaced'], /there is OrderPlaced\.\n$/],
    [
      'an aggregate that there is not',
      ['--streams', 'orders'],
      /^--streams: There is no aggregate "orders"; there is order\.\n$/,
    ],
    [
      'a stream of no aggregate',
      ['--streams', 'nothing-1'],
      /^--streams: There is no aggregate "nothing"; there is .*\border\b/,
    ],
    [
      'an end before the beginning',
      ['--from', '2026-03-02', '--to', '2026-03-01'],
      /^It would begin at 2026-03-02T00:00:00\.000Z, after its end at 2026-03-01T00:00:00\.000Z\.\n$/,
    ],
    [
      'a position after that of the end',
      ['--from', '12', '--to', '3'],
      /^It would begin at 12, after its end at 3\.\n$/,
    ],
    ['now, and an end in the past', ['--from', 'now', '--to', '2026-03-01'], /^It would begin at now, after/],
    [
      'a position that was recorded after the end',
      ['--from', '12', '--to', '2026-03-01'],
      /^It would begin at 12, after/,
    ],
  ])('%s', async (_, options, sentence) => {
    const { status, out, err } = await exported(...options);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
  });

  it('and so does a report, for an end before the beginning', async () => {
    const { status, err } = await history(folder, ['report', '--json', '--from', '2026-03-02', '--to', '2026-03-01']);
    expect([status, err]).toEqual([2, expect.stringMatching(/^It would begin at .*, after its end at .*\.\n$/)]);
  });
});

describe('a selection', () => {
  it('knows types, aggregates, processes, and whole names of streams', () => {
    const types = ['OrderPlaced', 'Reacted', 'StoreIdentified'];
    const streams = ['order', 'checkout', 'storeIdentity', 'claim', 'stock-018f2b6e-7a61-7c3d-8e4f-0123456789ab'];
    expect(unknownIn({ types, streams })).toBeNull();
  });
});
