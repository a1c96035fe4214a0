import type { HistoryCommand } from '../cli/command';
import { diff } from './diff';
import { exportCommand } from './export';
import { graph } from './graph';
import { importCommand } from './import';
import { show } from './show';
import { sqlCommand } from './sql';
import { verifyCommand } from './verify';

/** Every command of `chronocart history`, in the order of its help. */
export const allCommands: readonly HistoryCommand[] = [
  show,
  diff,
  graph,
  sqlCommand,
  exportCommand,
  importCommand,
  verifyCommand,
];
