import { join } from 'node:path';
import { startCompiled } from '../support/programs';

/** Of what `npm run crowd` does in full: 10,000 carts of 100 lines, 2,000 orders, 20,000 changes of one cart. */
const SHARE = '--share=0.1';
/** As `npm start` and the image have it. */
const env = { NODE_OPTIONS: '--max-semi-space-size=16' };

it('a crowd takes no more memory than the embedded process may have', async () => {
  const crowd = startCompiled(join('test', 'support', 'crowd.js'), [SHARE], { env });
  const code = await crowd.ended();
  expect([code, crowd.lines.at(-1), crowd.errors]).toEqual([0, 'met', []]);
}, 300_000);
