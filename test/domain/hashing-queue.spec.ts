import fc from 'fast-check';
import { HashingQueue, QueueFull, type Lane } from '#src/accounts/hashing-queue';

/** Work that ends when the test says so; `begun` names it in the order in which it began. */
function desk(atOnce: number, longest: number) {
  const queue = new HashingQueue(atOnce, longest);
  const begun: string[] = [];
  const running: (() => void)[] = [];
  const ask = (lane: Lane, name: string): Promise<unknown> =>
    queue.run(lane, () => {
      begun.push(name);
      return new Promise<void>((resolve) => running.push(resolve));
    });
  const finishOne = async () => {
    running.shift()?.();
    for (let turns = 0; turns < 5; turns++) await Promise.resolve();
  };
  return { queue, begun, ask, finishOne };
}

describe('who waits for a hash', () => {
  it('waits behind its own kind, and for one of each other kind at most', async () => {
    const { begun, ask, finishOne } = desk(1, 100);
    const asked = [ask('registrations', 'r0')];
    for (let n = 1; n < 50; n++) asked.push(ask('registrations', `r${n}`), ask('log-ins', `l${n}`));
    asked.push(ask('known', 'owner'));
    for (let finished = 0; finished < 3; finished++) await finishOne();
    expect(begun).toContain('owner');
    while (begun.length < 100) await finishOne();
    await finishOne();
    await Promise.all(asked);
    const order = (kind: string) => begun.filter((name) => name.startsWith(kind)).map((name) => Number(name.slice(1)));
    for (const kind of ['r', 'l']) expect(order(kind)).toEqual([...order(kind)].sort((a, b) => a - b));
  });

  it('is refused when its own lane is full, however the others are', async () => {
    const { ask, queue } = desk(2, 3);
    for (let n = 0; n < 5; n++) void ask('registrations', `r${n}`);
    await expect(ask('registrations', 'one too many')).rejects.toThrow(QueueFull);
    void ask('log-ins', 'l');
    void ask('known', 'owner');
    expect([queue.waitingIn('registrations'), queue.waitingIn('log-ins'), queue.waitingIn('known')]).toEqual([3, 1, 1]);
  });

  it('is never forgotten, and never more are at work than may be', async () => {
    const lane = fc.constantFrom<Lane>('known', 'log-ins', 'registrations');
    await fc.assert(
      fc.asyncProperty(fc.array(lane, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (lanes, atOnce) => {
        const queue = new HashingQueue(atOnce, 1_000);
        let working = 0;
        const works = lanes.map((each, n) =>
          queue.run(each, async () => {
            expect(++working).toBeLessThanOrEqual(atOnce);
            await Promise.resolve();
            working--;
            if (n % 7 === 0) throw new Error('no hash');
            return n;
          }),
        );
        const done = await Promise.allSettled(works);
        expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(
          lanes.filter((_, n) => n % 7 !== 0).length,
        );
        expect(await queue.run('known', () => Promise.resolve('free again'))).toBe('free again');
      }),
    );
  });
});
