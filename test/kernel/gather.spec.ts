import { setImmediate as turn } from 'node:timers/promises';
import { gather } from '#src/kernel/waiting';

/** Something to do comes in each of the first `busy` turns; answers after how many turns it was called, and how much there was then. */
async function gathered(busy: number): Promise<{ turns: number; count: number }> {
  let count = 1;
  let called: number | null = null;
  gather(
    () => count,
    () => (called = count),
  );
  for (let turns = 0; ; turns++) {
    if (turns < busy) count++;
    await turn();
    if (called !== null) return { turns: turns + 1, count: called };
  }
}

describe('gathering what is to be done at once', () => {
  it('keeps nobody waiting who comes alone', async () => {
    expect(await gathered(0)).toEqual({ turns: 1, count: 1 });
  });

  it.each([1, 2, 3])('ends when a turn has brought nothing more, after %i that have', async (busy) => {
    expect(await gathered(busy)).toEqual({ turns: busy + 1, count: busy + 1 });
  });

  it('ends in any case, also while every turn brings more', async () => {
    expect(await gathered(100)).toEqual({ turns: 5, count: 6 });
  });
});
