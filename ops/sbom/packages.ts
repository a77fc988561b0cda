import { join } from 'node:path';
import { z } from 'zod';

const Entry = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  link: z.boolean().optional(),
  resolved: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
export const Lock = z.object({ packages: z.record(z.string(), Entry) });
export type Lock = z.infer<typeof Lock>;

const packages = 'node_modules/';
const isForeign = (path: string) => path.includes(packages);

/** The packages of others that a workspace needs in production, as `name@version`, by package-lock.json. */
export function neededBy(lock: Lock, workspace: string): ReadonlySet<string> {
  const seen = new Set([workspace]);
  for (const path of seen) {
    const { dependencies = {}, optionalDependencies = {} } = lock.packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const there = found(lock, path, name);
      if (there) seen.add(there);
    }
  }
  const named = [...seen].filter(isForeign).map((path) => {
    const { name = path.slice(path.lastIndexOf(packages) + packages.length), version } = lock.packages[path] ?? {};
    return `${name}@${version}`;
  });
  return new Set(named);
}

/** Where a package's `import` finds another: in the nearest folder of packages above it. */
function found(lock: Lock, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.includes(`/${packages}`) ? at.slice(0, at.lastIndexOf(`/${packages}`)) : '') {
    const path = join(at, packages, name);
    const entry = lock.packages[path];
    if (entry) return entry.link ? entry.resolved : path;
    if (at === '') return undefined;
  }
}

/** What we use of CycloneDX; everything else is kept as it is. */
export const Bom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});
export type Bom = z.infer<typeof Bom>;

/**
 * The part of npm's list that one workspace needs in production. npm's own `--omit=dev` leaves out every package that
 * any workspace uses for development, also where another one needs it in production.
 */
export function partFor(bom: Bom, workspace: string, needed: ReadonlySet<string>): Bom {
  const components = bom.components.filter((it) => needed.has(it['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => needed.has(ref))
    .map((it) => ({ ...it, dependsOn: it.dependsOn.filter((ref) => needed.has(ref)) }));
  const component = { ...bom.metadata.component, name: `box-office/${workspace}` };
  return { ...bom, metadata: { ...bom.metadata, component }, components, dependencies };
}
