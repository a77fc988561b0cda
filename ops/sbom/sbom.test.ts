import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serviceNames } from '../../services.ts';
import { everything } from './npm.ts';
import { Lock, neededBy, partFor } from './packages.ts';

const root = resolve(import.meta.dirname, '../..');

it('has every package that a service needs in production, with its hash, and no other', async () => {
  const lock = Lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const all = await everything(root, process.env);
  for (const workspace of [...serviceNames, 'client']) {
    const needed = neededBy(lock, workspace);
    const { components, dependencies } = partFor(all, workspace, needed);
    expect(components.map((it) => it['bom-ref']).toSorted()).toEqual([...needed].toSorted());
    expect(components.filter(({ hashes }) => !Array.isArray(hashes))).toEqual([]);
    expect(dependencies.map(({ ref }) => ref).toSorted()).toEqual([...needed].toSorted());
    const names = components.map(({ name }) => name);
    expect(names).not.toContain('jest');
    expect(names).toContain('zod');
    if (workspace !== 'client') expect(names).toEqual(expect.arrayContaining(['pino', 'express']));
  }
});

it('finds a package where Node would, also in a folder of its own', () => {
  const lock = Lock.parse({
    packages: {
      orders: { dependencies: { ours: '1', a: '1' } },
      'node_modules/ours': { link: true, resolved: 'common' },
      common: { dependencies: { b: '2' } },
      'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/a/node_modules/b': { version: '1.5.0' },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/unused': { version: '3.0.0' },
    },
  });
  expect([...neededBy(lock, 'orders')].toSorted()).toEqual(['a@1.0.0', 'b@1.5.0', 'b@2.0.0']);
});
