import 'reflect-metadata';
import { giveAnalysts } from '#src/history/beside-the-shop';

// Tests want to be answered also when they keep every processor busy: of programs that they start, and of their own.
process.env['HISTORY_PRIORITY'] = 'normal';
giveAnalysts('normal');
