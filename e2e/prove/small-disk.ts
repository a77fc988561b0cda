import { rmSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';

/** A separate disk mounted on a folder, which can be filled. */
export interface SmallDisk {
  /** Leaves no free block. */
  fill(): Promise<void>;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

const sizeBytes = 3 * 2 ** 30;

/**
 * Mounts a file system in a sparse file on an empty folder.
 *
 * @throws when the machine does not allow it: this needs permission to mount, `mkfs.ext4`, and a loop device
 */
export async function smallDisk(folder: string): Promise<SmallDisk> {
  const image = `${folder}.img`;
  const ballast = join(folder, 'ballast');
  try {
    await writeFile(image, '');
    await truncate(image, sizeBytes);
    // No blocks are reserved for root.
    await execa('mkfs.ext4', ['-q', '-m', '0', image]);
    await execa('mount', ['-o', 'loop', image, folder]);
  } catch (error) {
    await rm(image, { force: true });
    throw error;
  }
  // A process that is being interrupted can only run synchronous code.
  const removeNow = () => {
    execaSync('umount', ['--lazy', folder], { reject: false });
    rmSync(image, { force: true });
  };
  process.once('exit', removeNow);
  return {
    async fill() {
      // Most of it at once; then the remaining blocks one by one.
      const { stdout } = await execa('df', ['--output=avail', '-B1', folder]);
      const free = Number(stdout.split('\n').at(-1));
      await execa('fallocate', ['-l', `${Math.max(free - 2 ** 20, 1)}`, ballast], { reject: false });
      await execa('dd', ['if=/dev/zero', `of=${ballast}-rest`, 'bs=4k'], { reject: false });
    },
    async empty() {
      await rm(ballast, { force: true });
      await rm(`${ballast}-rest`, { force: true });
    },
    async remove() {
      process.off('exit', removeNow);
      await execa('umount', ['--lazy', folder]);
      await rm(image, { force: true });
    },
  };
}
