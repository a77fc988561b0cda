import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSecrets } from './secrets.ts';
import { mustBeOurs, mustBeWritable } from './usable.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'usable-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const refusal = (message: RegExp) => ({ name: 'CannotStart', message: expect.stringMatching(message) });

it('makes the folder that a platform keeps its data in, and says so in a sentence where that is impossible', async () => {
  await mustBeWritable(join(dir, 'a/b'));
  expect((await stat(join(dir, 'a/b'))).isDirectory()).toBe(true);
  await writeFile(join(dir, 'file'), '');
  for (const impossible of [join(dir, 'file/x'), join(dir, 'file'), '/proc/x', '/dev/null/x'])
    await expect(mustBeWritable(impossible)).rejects.toMatchObject(refusal(/nothing can be kept in \S+ \(E/));
});

it.each(['127.0.0.1', '0.0.0.0', 'localhost'])('can listen on %s', async (host) => {
  await expect(mustBeOurs(host)).resolves.toBeUndefined();
});

// 192.0.2.0/24 is for documentation (RFC 5737), so no machine has it.
it.each(['192.0.2.1', 'no-such-host.invalid'])('says that %s is not an address of this machine', async (host) => {
  await expect(mustBeOurs(host)).rejects.toMatchObject(refusal(/is not an address of this machine/));
});

it.each(['{bad', '{}', '[]'])('names the file whose secrets read %j, and says what to do', async (text) => {
  const path = join(dir, 'secrets.json');
  await writeFile(path, text);
  await expect(localSecrets(path)).rejects.toMatchObject(refusal(/secrets\.json .*[Rr]emove/));
});
