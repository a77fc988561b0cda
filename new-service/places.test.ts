import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { services } from '../services.ts';
import { foldersOf } from './files.ts';
import { missing, places } from './places.ts';

const root = resolve(import.meta.dirname, '..');

describe('what names the services', () => {
  it.each([...new Set(places.map(({ file }) => file))])('names all of services.ts: %s', async (file) => {
    const content = await readFile(join(root, file), 'utf8');
    const lacks = places.filter((it) => it.file === file).flatMap((place) => missing(place, content, services));
    expect(lacks).toEqual([]);
  });

  it.each(services)('has manifests of $name', async (service) => {
    for (const folder of foldersOf(service)) await access(join(root, folder, 'kustomization.yaml'));
  });

  it('gives every debugger a port of its own', () => {
    expect(new Set(services.map(({ debugPort }) => debugPort)).size).toBe(services.length);
  });
});
