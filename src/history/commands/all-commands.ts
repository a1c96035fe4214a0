import type { HistoryCommand } from '../cli/command';

/** Every command of `chronocart history`, in the order of its help. */
export const allCommands: readonly HistoryCommand[] = [];
