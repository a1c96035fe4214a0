import type { KeptProcess } from '../kept-process';

/** How Node, and the shop, speak of an error that nobody caught. */
const UNHEARD = /unhandled|uncaught/i;

/** Ends of these processes that nobody asked for, and errors in them that nobody caught. */
export function alarmsOf(processes: readonly KeptProcess[]): string[] {
  return processes.flatMap(({ unasked, programs }) => {
    const said = programs.flatMap(({ lines, errors }) => [...lines, ...errors]);
    return [...unasked, ...said.filter((line) => UNHEARD.test(line))];
  });
}
