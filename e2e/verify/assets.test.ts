import { resolve } from 'node:path';
import { execa } from 'execa';

const program = resolve(import.meta.dirname, '../../.ci/assets');

async function assets(env: Record<string, string>) {
  const { stdout, stderr, exitCode } = await execa(program, {
    env: { PATH: process.env.PATH ?? '', ...env },
    extendEnv: false,
    reject: false,
  });
  return { stdout, stderr, exitCode };
}

describe('where the programs of Kubernetes are, for .ci/run', () => {
  it('comes from a variable', async () => {
    await expect(assets({ KUBEBUILDER_ASSETS: '/somewhere', ASSETS_COMMAND: 'false' })).resolves.toMatchObject({
      stdout: '/somewhere',
      exitCode: 0,
    });
  });

  it('or from a command with arguments', async () => {
    await expect(assets({ ASSETS_COMMAND: 'echo /elsewhere' })).resolves.toMatchObject({ stdout: '/elsewhere' });
  });

  it('is reported as unknown when the command is missing', async () => {
    const { stdout, stderr, exitCode } = await assets({ ASSETS_COMMAND: 'no-such-command use -p path' });
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toContain('no-such-command is not there; see CONTRIBUTING.md');
  });
});
