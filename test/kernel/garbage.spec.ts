import { growthPercent } from '#src/app/garbage';

const MEBIBYTE = 1024 * 1024;

describe('a heap', () => {
  it.each([
    [10, 100],
    [32, 100],
    [64, 100],
    [73, 75],
    [100, 75],
    [300, 75],
  ])('of which %i MiB are alive grows by %i % before garbage is collected', (alive, percent) => {
    expect(growthPercent(alive * MEBIBYTE)).toBeCloseTo(percent, -1);
  });

  it('is never made smaller by more being alive', () => {
    const size = (alive: number) => alive * (1 + growthPercent(alive) / 100);
    for (let alive = 4 * MEBIBYTE; alive < 1_000 * MEBIBYTE; alive += MEBIBYTE)
      expect(size(alive + MEBIBYTE)).toBeGreaterThanOrEqual(size(alive) * 0.98);
  });
});
