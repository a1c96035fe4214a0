import { rejections } from '../../kernel/rejection';

/** `history-not-here` is declared beside SQL, which has the same. */
export const rejected = rejections({
  'export-unknown': [404, 'There is no such export in the data folder of this process.'],
  'export-file-unknown': [404, 'The export has no such file, or not yet.'],
  'export-too-many': [409, 'As many exports as may be are kept already; remove one first.'],
  'export-range-unsatisfiable': [416, 'The file has no such range of bytes.'],
  'export-failed': [500, 'The export can’t be made.'],
  'export-no-space': [507, 'There is no room left for exports on the disk of the server.'],
});
