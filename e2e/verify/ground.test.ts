import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGround } from './ground.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'box-office-ground-'));
  for (const dir of ['assets', 'infra/k8s', 'infra/k8s-setup']) await mkdir(join(root, dir), { recursive: true });
  for (const program of ['etcd', 'kube-apiserver', 'kubectl']) await writeFile(join(root, 'assets', program), '');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const manifests = (text: string) => writeFile(join(root, 'infra/k8s/kustomization.yaml'), text);
const ground = () => findGround(root, join(root, 'assets'));

it('exists when the programs and everything the manifests refer to are available', async () => {
  await manifests('resources: [a.yml]\n');
  expect(await ground()).toMatchObject({ assets: join(root, 'assets') });
});

it('says what is missing', async () => {
  expect(await findGround(root, undefined)).toContain('KUBEBUILDER_ASSETS is not set');
  await rm(join(root, 'assets/etcd'));
  expect(await ground()).toContain('has no etcd');
});

it('says which file cannot be reached', async () => {
  await manifests('resources: ["https://127.0.0.1:1/crds.yml"]\n');
  expect(await ground()).toContain('https://127.0.0.1:1/crds.yml is unavailable');
});

it('does not mistake unreadable manifests for something missing', async () => {
  await manifests('resources: [\n');
  await expect(ground()).rejects.toThrow();
});
