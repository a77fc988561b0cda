import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Everything that git knows of or would, as it lies there; packages and engines are those of the original. */
export async function copySources(root: string, to: string): Promise<void> {
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of stdout.split('\n')) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await cp(join(root, file), join(to, file)).catch(() => undefined);
  }
  await linkEach(join(root, 'node_modules'), join(to, 'node_modules'), (name) => name !== '@box-office');
  // Our own packages are links relative to where they lie, which lead to the copy's.
  await cp(join(root, 'node_modules/@box-office'), join(to, 'node_modules/@box-office'), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

async function linkEach(from: string, to: string, wanted: (name: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of (await readdir(from)).filter(wanted)) await symlink(join(from, name), join(to, name));
}
