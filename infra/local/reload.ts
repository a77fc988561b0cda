import { join, relative, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import { type ServiceName, serviceNames } from '../../services.ts';

const root = resolve(import.meta.dirname, '../..');

/** Changes in quick succession (a branch switch, a formatter) count as one. */
const quietMs = 200;

/** Calls back with the services whose source has changed; with all of them when `common` has. */
export function onSourceChange(changed: (services: readonly ServiceName[]) => void): {
  readonly close: () => Promise<void>;
} {
  const touched = new Set<ServiceName>();
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(
    [...serviceNames, 'common'].map((folder) => join(root, folder, 'src')),
    { ignoreInitial: true, ignored: (path) => path.endsWith('.test.ts') },
  );
  watcher.on('all', (_event, path) => {
    for (const service of touchedBy(relative(root, path))) touched.add(service);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const list = [...touched];
      touched.clear();
      if (list.length > 0) changed(list);
    }, quietMs);
  });
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/** The services that use a file, given by its path from the root of the repository. */
export function touchedBy(path: string): readonly ServiceName[] {
  if (path.startsWith(join('common', 'src', 'testing') + sep)) return [];
  if (path.startsWith(join('common', 'src') + sep)) return serviceNames;
  return serviceNames.filter((service) => path.startsWith(join(service, 'src') + sep));
}
