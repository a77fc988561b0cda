import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputsOf } from './kustomize-inputs.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-inputs-'));
  for (const folder of ['base', 'overlay']) await mkdir(join(dir, folder));
  const base = { resources: ['role.yml'], configMapGenerator: [{ name: 'it', files: ['key=settings.yml'] }] };
  const overlay = { resources: ['../base'], patches: [{ path: 'patch.yml' }] };
  await writeFile(join(dir, 'base/kustomization.yaml'), JSON.stringify(base));
  await writeFile(join(dir, 'overlay/kustomization.yaml'), JSON.stringify(overlay));
  for (const file of ['base/role.yml', 'base/settings.yml', 'base/unused.yml', 'overlay/patch.yml'])
    await writeFile(join(dir, file), 'as it was');
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the inputs of a build', () => {
  it.each(['base/role.yml', 'base/settings.yml', 'overlay/patch.yml'])('are different once %s is', async (file) => {
    const before = await inputsOf(join(dir, 'overlay'));
    // Of the same length, so that nothing but the content differs.
    await writeFile(join(dir, file), 'as it now');
    expect(await inputsOf(join(dir, 'overlay'))).not.toBe(before);
  });

  it('are different once a folder below has another kustomization', async () => {
    const before = await inputsOf(join(dir, 'overlay'));
    await writeFile(join(dir, 'base/kustomization.yaml'), JSON.stringify({ resources: ['role.yml'] }));
    expect(await inputsOf(join(dir, 'overlay'))).not.toBe(before);
  });

  it('are the same whatever happens to a file that nobody names', async () => {
    const before = await inputsOf(join(dir, 'overlay'));
    await writeFile(join(dir, 'base/unused.yml'), 'as it is');
    expect(await inputsOf(join(dir, 'overlay'))).toBe(before);
  });
});
