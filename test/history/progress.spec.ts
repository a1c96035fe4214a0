import { PassThrough } from 'node:stream';
import { ioOf } from '#src/history/cli/io';
import { lineOf, ProgressLine, SILENT } from '#src/history/cli/progress';

describe('progress', () => {
  it.each([
    [null, { done: 0, seconds: 0 }, 'Reading  0'],
    [null, { done: 1_234_567, seconds: 10 }, 'Reading  1,234,567  123,457/s'],
    [1_000_000, { done: 450_000, seconds: 3 }, 'Reading  45 %  450,000 of 1,000,000  150,000/s  4 s left'],
    [1_000_000, { done: 10_000, seconds: 10 }, 'Reading  1 %  10,000 of 1,000,000  1,000/s  16 min 30 s left'],
    [100_000_000, { done: 10_000, seconds: 1 }, 'Reading  0 %  10,000 of 100,000,000  10,000/s  2 h 46 min left'],
    [100, { done: 120, seconds: 1 }, 'Reading  100 %  120 of 100  120/s  0 s left'],
    [100, { done: 50, seconds: 0.1 }, 'Reading  50 %  50 of 100'],
    [0, { done: 0, seconds: 1 }, 'Reading  0 of 0'],
  ])('of %j at %j is shown as “%s”', (total, state, line) => expect(lineOf('Reading', total, state)).toBe(line));

  it('is written over itself, not at every step, and taken away at the end', () => {
    const written: string[] = [];
    const progress = new ProgressLine(
      ({ done }) => `at ${done}`,
      (text) => written.push(text),
    );
    for (let n = 0; n < 10_000; n++) progress.advance(1);
    progress.end();
    expect(written[0]).toBe('\r\u001b[Kat 1');
    expect(written.length).toBeLessThan(100);
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  it('is shown to a person at a terminal, and to nobody else', () => {
    const outputs = (isTTY: boolean) => ({
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: Object.assign(new PassThrough(), { isTTY }),
    });
    expect(ioOf(outputs(false), { json: false }).progress('Reading', 1)).toBe(SILENT);
    const { stderr, ...others } = outputs(true);
    const progress = ioOf({ ...others, stderr }, { json: true }).progress('Reading', 2);
    progress.at(1);
    progress.end();
    expect(String(stderr.read())).toContain('Reading  50 %  1 of 2');
    expect(others.stdout.read()).toBeNull();
  });
});
