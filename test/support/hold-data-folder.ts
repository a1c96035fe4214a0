/**
 * A program that tests kill: holds the lock of a data folder.
 *
 *     node hold-data-folder.js <folder>
 *
 * Prints `locked`, and stays until it is killed; or prints the error's name and message, and ends.
 */
import { DataFolder } from '#src/kernel/event-store/data-folder';

try {
  DataFolder.open(process.argv[2]!);
  console.log('locked');
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(String(error));
}
