import { execa } from 'execa';
import { Bom } from './packages.ts';

/** Every package in package-lock.json as CycloneDX, by npm itself. */
export async function everything(root: string, env: NodeJS.ProcessEnv): Promise<Bom> {
  // The npm that runs this script, if one does: `npm` need not be on PATH.
  const own = env.npm_execpath?.endsWith('.js') ? [process.execPath, env.npm_execpath] : ['npm'];
  const [program = 'npm', ...before] = own;
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'];
  const { stdout } = await execa(program, [...before, ...args], { cwd: root, stdin: 'ignore', env });
  return Bom.parse(JSON.parse(stdout));
}
