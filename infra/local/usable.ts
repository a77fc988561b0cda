import { access, constants, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { CannotStart } from './starting.ts';

/** @throws CannotStart unless files can be written in the folder, which is made if it is missing */
export async function mustBeWritable(dir: string): Promise<void> {
  try {
    await make(dir);
    // With the dot, a file of that name is none.
    await access(`${dir}/.`, constants.W_OK);
  } catch (error) {
    throw new CannotStart('The platform', `nothing can be kept in ${dir} (${codeOf(error)})`);
  }
}

/** Not `recursive`, with which Node never ends where the parent refuses with ENOENT, as /proc does. */
async function make(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || dirname(dir) === dir) throw error;
    await make(dirname(dir));
    await mkdir(dir);
  }
}

/** @throws CannotStart unless this machine can listen on the address */
export async function mustBeOurs(host: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new CannotStart('The platform', `${host} is not an address of this machine (${codeOf(error)})`)),
    );
    server.listen({ host, port: 0 }, () => server.close(() => resolve()));
  });
}

const codeOf = (error: unknown): string =>
  Error.isError(error) && 'code' in error ? String(error.code) : String(error);
