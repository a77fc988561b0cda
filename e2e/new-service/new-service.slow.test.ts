import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { execa } from 'execa';
import { mutants } from '../prove/mutants.ts';
import { copySources } from '../support/copy.ts';
import { findGround } from '../verify/ground.ts';
import { type Copy, copyIn } from './copy-of-platform.ts';

const root = resolve(import.meta.dirname, '../..');
/** Some run a whole `verify` or a Jest of their own, beside other tests. */
const withinMs = 600_000;

let dir: string;
let copy: Copy;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'box-office-new-service-'));
  await copySources(root, dir);
  copy = copyIn(dir);
  expect(await copy.run('new-service/main.ts', 'reviews')).toMatchObject({ exitCode: 0 });
}, withinMs);

afterAll(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));

describe('npm run new-service reviews', () => {
  it(
    'makes a service that npm start runs: it hears of a ticket, and answers through the gateway',
    () =>
      copy.opened(async (shop) => {
        const [seller, reader] = await Promise.all([shop.person(), shop.person()]);
        const ticket = await shop.sell(seller, { title: 'Opera' });
        const answer = await eventually(async () => {
          const found = await reader.call('GET', `/api/reviews/${ticket.id}`);
          if (found.status !== 200) throw new Error(`${found.status}`);
          return found.body;
        });
        expect(answer).toEqual({ id: ticket.id, version: 0, title: 'Opera' });
        await expect(shop.ask('GET', `/api/reviews/${ticket.id}`)).resolves.toMatchObject({ status: 401 });
      }),
    withinMs,
  );

  it(
    'makes nothing that the compiler or the linter objects to',
    async () => {
      const tsc = 'node_modules/@typescript/native/bin/tsc';
      const biome = 'node_modules/@biomejs/biome/bin/biome';
      expect(await copy.run(tsc)).toEqual({ said: '', exitCode: 0 });
      expect(await copy.run(biome, 'check', '.')).toMatchObject({ exitCode: 0 });
    },
    withinMs,
  );

  it(
    'brings tests, and is named wherever services are',
    async () => {
      const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
      const tests = ['reviews/src', 'new-service/places', 'docs/generate', 'e2e/images/images'];
      const { said, exitCode } = await copy.run(...flags, 'node_modules/jest/bin/jest.js', ...tests);
      expect([exitCode, said]).toEqual([0, said]);
    },
    withinMs,
  );

  it(
    'makes manifests that go to a cluster as the others do',
    async () => {
      const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
      if (typeof ground === 'string') return console.warn(`SKIPPED  Nothing is verified: ${ground}`);
      const red = await copy.evaluate(`
        import { findGround } from './e2e/verify/ground.ts';
        import { verify } from './e2e/verify/verify.ts';
        const ground = await findGround(${JSON.stringify(root)}, process.env.KUBEBUILDER_ASSETS);
        const what = { root: process.cwd(), ...ground, flux: 'none' };
        // What is applied is the same in both, but for numbers.
        const findings = [
          ...(await verify({ ...what, clusters: ['dev'] })),
          ...(await verify({ ...what, clusters: ['prod'], server: 'none' })),
        ];
        console.log(JSON.stringify(findings.filter(({ faults }) => faults.length > 0)));
      `);
      expect(red).toEqual([]);
    },
    withinMs,
  );

  it('leaves every planted defect where it fits', async () => {
    for (const { name, patchFile } of await mutants()) {
      const { exitCode } = await execa('git', ['apply', '--check', '--recount', patchFile], {
        cwd: dir,
        reject: false,
      });
      expect([name, exitCode]).toEqual([name, 0]);
    }
  });

  it('refuses names that cannot be, and names that are taken', async () => {
    for (const name of ['Reviews', 'my-reviews', 'tickets', 'common', 'reviews'])
      expect([name, (await copy.run('new-service/main.ts', name)).exitCode]).toEqual([name, 2]);
  });
});
