import type { KeptProcess } from '../kept-process';

/** How Node, and the shop, speak of an error that nobody caught. */
const UNHEARD = /unhandled|uncaught/i;

/** Of an error that was logged, so many lines are told. */
const STACK_LINES = 12;

/** Ends of these processes that nobody asked for, and errors in them that nobody caught. */
export function alarmsOf(processes: readonly KeptProcess[]): string[] {
  return processes.flatMap(({ unasked, programs }) => {
    const said = programs.flatMap(({ lines, errors }) => [...lines, ...errors]);
    return [...unasked, ...said.filter((line) => UNHEARD.test(line))];
  });
}

/** What one of these processes has said of a request, by the trace id that the answer named; with the error's stack. */
export function saidOf(processes: readonly KeptProcess[], answer: string): string[] {
  const [, traceId] = /"traceId":"(\w+)"/.exec(answer) ?? [];
  if (traceId === undefined) return [];
  const outputs = processes.flatMap(({ programs }) => programs.flatMap(({ lines, errors }) => [lines, errors]));
  return outputs.flatMap((output) => {
    const n = output.findIndex((line) => line.includes(traceId));
    return n < 0 ? [] : output.slice(n, n + STACK_LINES);
  });
}
