import { startProgram } from '../support/programs';

/** Of what `npm run crowd` does in full: 1,000 carts of 100 lines, 200 orders, 2,000 changes of one cart. */
const SHARE = '--share=0.01';

it('a crowd takes no more memory than the embedded process may have', async () => {
  const crowd = startProgram('crowd', [SHARE]);
  const code = await crowd.ended();
  expect([code, crowd.lines.at(-1), crowd.errors]).toEqual([0, 'met', []]);
}, 180_000);
