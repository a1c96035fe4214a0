import fc from 'fast-check';
import { Limiter } from '#src/kernel/http/limits/limiter';
import type { Quota } from '#src/kernel/quota';
import { MINUTE, SECOND, SetStopwatch } from '../../support/set-stopwatch';

const quota: Quota = { policy: 'orders', most: 60, windowSeconds: 60 };

function limiterAt(remembered?: number) {
  const stopwatch = new SetStopwatch();
  return { stopwatch, limiter: new Limiter(stopwatch, remembered) };
}

describe('what one may ask for in a window', () => {
  it('is the whole quota, at once or one by one, and then nothing', () => {
    const { limiter } = limiterAt();
    const asked = Array.from({ length: 61 }, () => limiter.admit('ann', quota));
    expect(asked.map(({ admitted }) => admitted)).toEqual([...Array(60).fill(true), false]);
    expect(asked.map(({ remaining }) => remaining)).toEqual([...Array.from({ length: 60 }, (_, n) => 59 - n), 0]);
  });

  it('is there again when it said so, and what was refused has not counted', () => {
    const { limiter, stopwatch } = limiterAt();
    for (let n = 0; n < 60; n++) limiter.admit('ann', quota);
    const { moreInMs } = limiter.admit('ann', quota);
    expect(moreInMs).toBeGreaterThan(50 * SECOND);
    expect(moreInMs).toBeLessThanOrEqual(70 * SECOND);
    stopwatch.at += moreInMs - 1;
    expect(limiter.admit('ann', quota).admitted).toBe(false);
    stopwatch.at += 1;
    expect(limiter.admit('ann', quota)).toMatchObject({ admitted: true, remaining: 59 });
  });

  it('is one’s own, and each class has its own', () => {
    const { limiter } = limiterAt();
    for (let n = 0; n < 61; n++) limiter.admit('ann', quota);
    expect(limiter.admit('bob', quota).admitted).toBe(true);
    expect(limiter.admit('ann', { ...quota, policy: 'reads' }).admitted).toBe(true);
  });

  it('is never more than the quota in any time as long, and never less than it has room for', () => {
    const gaps = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 90_000 })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (pauses, most) => {
        const { limiter, stopwatch } = limiterAt(10);
        const admitted: number[] = [];
        for (const pause of pauses) {
          stopwatch.at += pause;
          const within = (ms: number) => admitted.filter((at) => at > stopwatch.at - ms).length;
          const answer = limiter.admit('ann', { ...quota, most });
          const right = answer.admitted
            ? within(MINUTE) < most
            : within(MINUTE + 10 * SECOND) >= most && answer.moreInMs > 0;
          if (!right) return false;
          if (answer.admitted) admitted.push(stopwatch.at);
        }
        return true;
      }),
    );
  });

  it('takes bounded memory, however many ask', () => {
    const { limiter } = limiterAt(1_000);
    for (let n = 0; n < 100_000; n++) limiter.admit(`network 2001:db8:${n.toString(16)}::/64`, quota);
    expect(limiter.size).toBe(1_000);
    for (let n = 0; n < 10_000; n++) limiter.admit('ann', quota);
    expect(limiter.size).toBe(1_000);
  });
});
