import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whereIs } from '@box-office/local/programs';
import { execa } from 'execa';

/** A program written in Go, at the tested version. */
export interface GoTool {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /**
   * A file that its build needs and its module does not contain, such as a web page that is built elsewhere. An empty
   * one is put into a copy of the module, and the tool is built there; nothing that we use needs what belongs in it.
   */
  readonly lacks?: { readonly module: string; readonly file: string };
}

export const goTools = {
  sops: { name: 'sops', package: 'github.com/getsops/sops/v3/cmd/sops', version: 'v3.13.3' },
  ageKeygen: { name: 'age-keygen', package: 'filippo.io/age/cmd/age-keygen', version: 'v1.3.2' },
  controllerGen: {
    name: 'controller-gen',
    package: 'sigs.k8s.io/controller-tools/cmd/controller-gen',
    version: 'v0.21.0',
  },
  kustomizeController: {
    name: 'kustomize-controller',
    package: 'github.com/fluxcd/kustomize-controller',
    version: 'v1.9.5',
  },
  victoriaLogs: {
    name: 'victoria-logs',
    package: 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs',
    version: 'v1.52.1',
  },
  amtool: { name: 'amtool', package: 'github.com/prometheus/alertmanager/cmd/amtool', version: 'v0.35.0' },
  alertmanager: {
    name: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
    version: 'v0.35.0',
    lacks: { module: 'github.com/prometheus/alertmanager', file: 'ui/app/dist/index.html' },
  },
  // Jaeger 2.13: its module counts on from version 1.
  jaeger: { name: 'jaeger', package: 'github.com/jaegertracing/jaeger/cmd/jaeger', version: 'v1.76.0' },
} as const satisfies Readonly<Record<string, GoTool>>;

const buildWithinMs = 900_000;

/**
 * Finds the program in one of `places`, or builds it once into `dir`. It is built as part of an empty module, because
 * `go install` refuses modules with `replace` directives.
 *
 * @returns where it is, or why it is unavailable
 */
export async function goTool(
  tool: GoTool,
  dir: string,
  places: readonly string[],
): Promise<{ readonly path: string } | { readonly why: string }> {
  for (const place of places) {
    const found = await whereIs(tool.name, place);
    if (found) return { path: found };
  }
  const name = `${tool.name}-${tool.version}`;
  const path = join(dir, name);
  if (await whereIs(name, dir)) return { path };
  if (!(await whereIs('go', process.env.PATH ?? '')))
    return { why: `${tool.name} is not there, nor Go to build it with` };
  await mkdir(dir, { recursive: true });
  // Built elsewhere and then moved, so that nobody finds a partial file.
  const half = await mkdtemp(join(dir, `${tool.name}-`));
  try {
    const built = await goBuild(tool, half);
    if (built) return { why: `Go could not build ${tool.name} ${tool.version}: ${built}` };
    await rename(join(half, tool.name), path);
    return { path };
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** @returns Go's message when it failed */
async function goBuild(tool: GoTool, dir: string): Promise<string | undefined> {
  if (tool.lacks) return buildCopy(tool, tool.lacks, dir);
  const go = goIn(dir);
  await writeFile(join(dir, 'go.mod'), 'module box-office/tools\n\ngo 1.25\n');
  for (const args of [
    ['get', `${tool.package}@${tool.version}`],
    ['build', '-ldflags=-s -w', '-o', tool.name, tool.package],
  ]) {
    const said = await go(args);
    if (said) return said;
  }
  return undefined;
}

/** @returns Go's message when it failed */
async function buildCopy(tool: GoTool, { module, file }: Required<GoTool>['lacks'], dir: string) {
  const download = ['mod', 'download', '-json', `${module}@${tool.version}`];
  const { failed, stdout } = await execa('go', download, { reject: false, timeout: buildWithinMs });
  if (failed) return `${module} cannot be downloaded`;
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const copy = join(dir, 'module');
  await cp(Dir, copy, { recursive: true });
  // Files in the module cache are read-only.
  await execa('chmod', ['-R', 'u+w', copy]);
  await mkdir(dirname(join(copy, file)), { recursive: true });
  await writeFile(join(copy, file), '');
  return goIn(copy)(['build', '-ldflags=-s -w', '-o', join(dir, tool.name), tool.package]);
}

/** Runs Go in a folder. @returns the end of its output when it failed */
export const goIn = (dir: string) => async (args: readonly string[]) => {
  const { failed, all } = await execa('go', args, {
    cwd: dir,
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: buildWithinMs,
    env: { GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' },
  });
  return failed ? (all.trim().split('\n').at(-1) ?? 'nothing') : undefined;
};
