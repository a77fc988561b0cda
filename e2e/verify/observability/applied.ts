import { join } from 'node:path';
import { noReadableSecret } from '@box-office/ops/cluster/readable';
import type { ApiServer } from '../api-server.ts';
import type { Hears } from '../flux.ts';
import { inputsOf } from '../kustomize-inputs.ts';
import { admitPods, applyStage } from '../staged.ts';
import { build, manifestsIn } from '../tree.ts';

const folder = 'infra/k8s-setup/observability';
/** What the server remembers the operator by. */
const operator = `${folder}/1-operator`;
/** In the order of their README. */
const parts = ['2-monitoring', '3-dashboards', 'matrix', 'logs', 'traces', 'traces/gateway', 'status-page'];

/** Applies the optional observability to a server that has a whole cluster. */
export async function observability(server: ApiServer, dir: string, assets: string, hears: Hears): Promise<void> {
  const refused = await kinds(server, join(dir, operator));
  hears.found(`applies ${operator}`, refused);
  if (refused.length > 0) return;
  for (const part of parts) {
    const faults: string[] = [];
    try {
      const text = await build(join(assets, 'kubectl'), join(dir, folder, part));
      const manifests = manifestsIn(text);
      // What Kustomize generates of files without secrets is a Secret because the operator asks for one.
      const open = manifests.filter(({ metadata }) => metadata.name !== 'alertmanager-config');
      faults.push(...noReadableSecret(open), ...(await applyStage(server, text)));
      if (faults.length === 0) faults.push(...(await admitPods(server, manifests)));
    } catch (error) {
      faults.push(Error.isError(error) ? error.message : String(error));
    }
    hears.found(`applies ${folder}/${part}`, faults);
  }
}

/** By kubectl alone: its kinds are four megabytes, which take this process longer to read than to apply. */
async function kinds(server: ApiServer, stage: string): Promise<string[]> {
  const inputs = await inputsOf(stage);
  if (server.applied.get(operator) === inputs) return [];
  const { ok, stderr } = await server.kubectl(['apply', '--server-side', '--validate=strict', '-k', stage]);
  const said = stderr.split('\n').filter((line) => line.trim() !== '');
  if (!ok || said.length > 0) return said.length > 0 ? said : ['kubectl refused without a word'];
  const waited = await server.kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all']);
  if (!waited.ok) return [waited.stderr];
  server.applied.set(operator, inputs);
  return [];
}
