import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { serviceNames } from '../../services.ts';

const root = resolve(import.meta.dirname, '../..');

const Entry = z.object({
  link: z.boolean().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const { packages } = z
  .object({ packages: z.record(z.string(), Entry) })
  .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
const isForeign = (path: string) => /(^|\/)node_modules\//.test(path);

/** What may be put into production for a service, and for the shop, which brings its programs for every machine. */
const mostPackages: Readonly<Record<string, number>> = { auth: 160, mail: 165, client: 200 };
const mostOfOthers = 140;

/** Where a package's `import` finds another: in the nearest folder of packages above it. */
function found(from: string, name: string): string | undefined {
  for (let at = from; ; at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '') {
    const path = join(at, 'node_modules', name);
    const entry = packages[path];
    if (entry) return entry.link ? entry.resolved : path;
    if (at === '') return undefined;
  }
}

/** The packages of others that a workspace needs in production. */
function neededBy(workspace: string): string[] {
  const seen = new Set([workspace]);
  for (const path of seen) {
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const there = found(path, name);
      if (there) seen.add(there);
    }
  }
  return [...seen].filter(isForeign);
}

describe('what comes from others', () => {
  it('is known by its hash, for every machine', () => {
    const unknown = Object.entries(packages)
      .filter(([path, { link }]) => isForeign(path) && !link)
      .filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
    expect(unknown.map(([path]) => path)).toEqual([]);
  });

  it.each(['infra/local', 'e2e/attack/schemathesis'])('is known by its hash where %s has Python packages', (folder) => {
    const text = readFileSync(join(root, folder, 'requirements.txt'), 'utf8');
    const entries = text.split(/\n(?=\S)/).filter((it) => it.trim() !== '');
    expect(entries.length).toBeGreaterThan(3);
    for (const entry of entries) expect(entry).toMatch(/^[\w.-]+==[\w.]+.*\\\n {4}--hash=sha256:[0-9a-f]{64}/);
    const wanted = readFileSync(join(root, folder, 'requirements.in'), 'utf8').toLowerCase();
    for (const line of wanted.split('\n').filter((it) => /^\w/.test(it))) expect(text).toContain(`${line} \\`);
  });

  it('runs no script when it is installed, but for what is named', () => {
    const { allowScripts } = z
      .object({ allowScripts: z.record(z.string(), z.boolean()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const running = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = running.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(names.filter((name) => !(name in allowScripts))).toEqual([]);
    expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['node']);
  });

  it.each([...serviceNames, 'client'])('is not more than %s may bring into production', (workspace) => {
    const needed = neededBy(workspace);
    expect(needed.length).toBeGreaterThan(20);
    expect(needed.length).toBeLessThanOrEqual(mostPackages[workspace] ?? mostOfOthers);
  });
});
