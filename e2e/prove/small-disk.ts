import { rmSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';

/** A disk of its own under a folder, which can be made full. */
export interface SmallDisk {
  /** Leaves not one block free. */
  fill(): Promise<void>;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

const sizeBytes = 3 * 2 ** 30;

/**
 * Puts a file system in a sparse file under a folder that is empty.
 *
 * @throws when the machine does not allow it: it takes the right to mount, `mkfs.ext4`, and a loop device
 */
export async function smallDisk(folder: string): Promise<SmallDisk> {
  const image = `${folder}.img`;
  const ballast = join(folder, 'ballast');
  try {
    await writeFile(image, '');
    await truncate(image, sizeBytes);
    // No blocks are kept back for root: full is full.
    await execa('mkfs.ext4', ['-q', '-m', '0', image]);
    await execa('mount', ['-o', 'loop', image, folder]);
  } catch (error) {
    await rm(image, { force: true });
    throw error;
  }
  // Whoever is interrupted has only this moment.
  const removeNow = () => {
    execaSync('umount', ['--lazy', folder], { reject: false });
    rmSync(image, { force: true });
  };
  process.once('exit', removeNow);
  return {
    async fill() {
      // The big half at once; the blocks that are left one by one, until there is none.
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
