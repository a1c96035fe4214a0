import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A folder whose disk is small, where the system lets us have one: it can be filled without harm to anybody else. */
export class SmallDisk {
  private readonly unmountAtExit = () => void this.unmount();

  private constructor(private readonly folder: string) {
    process.on('exit', this.unmountAtExit);
  }

  /** null: not without the rights of an administrator, or not on this system. */
  static mount(folder: string, megabytes: number): SmallDisk | null {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
    return status === 0 ? new SmallDisk(folder) : null;
  }

  /** Takes all the room but so many bytes. */
  fill(except: number): void {
    this.take('ballast-for-later', except);
    this.take('ballast', Infinity);
    rmSync(join(this.folder, 'ballast-for-later'));
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'), { force: true });
  }

  unmount(): void {
    process.off('exit', this.unmountAtExit);
    spawnSync('umount', ['-l', this.folder]);
  }

  /** Writes a file of so many bytes, or until nothing more fits. */
  private take(name: string, bytes: number): void {
    const file = openSync(join(this.folder, name), 'w');
    try {
      for (let left = bytes, most = 1 << 20; left > 0 && most >= 512;) {
        const size = Math.min(left, most);
        if (writes(file, size)) left -= size;
        else most >>= 1;
      }
    } finally {
      closeSync(file);
    }
  }
}

function writes(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
