import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceEntry } from '../services.ts';
import type { Names } from './names.ts';
import { contract, manifest, sources, tests } from './templates.ts';

/** The service whose manifests and versions a new one begins with. */
const model = 'orders';

const base = 'infra/k8s/base';

/** The folders of manifests that belong to one service alone. */
export const foldersOf = ({ name, hasDatabase }: ServiceEntry): string[] => [
  `${base}/${name}`,
  ...(hasDatabase ? [`${base}/mongo/${name}`] : []),
];

/** The files of a new service by their paths. */
export async function filesOf(names: Names, root: string): Promise<Map<string, string>> {
  const { service } = names;
  const written = { ...sources(names), ...tests(names) };
  return new Map([
    [`${service}/package.json`, manifest(names, await versions(root))],
    [`common/src/contracts/${service}.ts`, contract(names)],
    ...Object.entries(written).map(([file, text]): [string, string] => [`${service}/src/${file}`, text]),
    ...(await manifestsLike(`${base}/${model}`, service, root)),
    ...(await manifestsLike(`${base}/mongo/${model}`, service, root)),
  ]);
}

async function versions(root: string): Promise<Record<string, string>> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, model, 'package.json'), 'utf8'));
  return { ...dependencies, ...devDependencies };
}

async function manifestsLike(folder: string, service: string, root: string): Promise<[string, string][]> {
  const files = await readdir(join(root, folder));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => {
      const text = await readFile(join(root, folder, file), 'utf8');
      return [join(folder.replace(model, service), file), text.replaceAll(new RegExp(`\\b${model}\\b`, 'g'), service)];
    }),
  );
}
