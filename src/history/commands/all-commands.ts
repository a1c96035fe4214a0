import type { HistoryCommand } from '../cli/command';
import { diff } from './diff';
import { exportCommand } from './export';
import { graph } from './graph';
import { importCommand } from './import';
import { report } from './report';
import { show } from './show';
import { sqlCommand } from './sql';
import { verifyCommand } from './verify';
import { whatIf } from './what-if';

/** Every command of `chronocart history`, in the order of its help. */
export const allCommands: readonly HistoryCommand[] = [
  show,
  diff,
  graph,
  sqlCommand,
  report,
  whatIf,
  exportCommand,
  importCommand,
  verifyCommand,
];
