import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Manifest } from '@box-office/ops/cluster/manifests';
import { noReadableSecret } from '@box-office/ops/cluster/readable';
import { type ApiServer, startApiServer } from './api-server.ts';
import { architecture } from './architecture.ts';
import { edgesOf } from './edges.ts';
import { type FluxVerifier, type Hears, prepareFlux } from './flux.ts';
import type { Ground } from './ground.ts';
import { onlyOwnNames } from './hosts.ts';
import { journey } from './journey.ts';
import { knowsCallers } from './load-balancer.ts';
import { observability } from './observability/applied.ts';
import { watching } from './observability/watch.ts';
import { askRights } from './rights.ts';
import { dataIsKept, everyRouteAsks, imagesByDigest, type Rule } from './rules.ts';
import { admitPods, applyStage, kindsAreKnown, silenceWebhooks } from './staged.ts';
import { carefulDoors, certificateForShop, tlsFromOutside } from './tls.ts';
import { build, type Cluster, copyManifests, manifestsIn, stages } from './tree.ts';

/** One check and the faults it found. */
export interface Finding {
  readonly cluster: Cluster;
  readonly check: string;
  readonly faults: readonly string[];
  /** Why the check was skipped, when something it needs is missing. */
  readonly skipped?: string;
}

export interface VerifyOptions extends Ground {
  /** The repository. */
  readonly root: string;
  readonly clusters?: readonly Cluster[];
  /** Whether to start the services and buy a ticket. */
  readonly andBuy?: boolean;
  /**
   * How far to check Flux: not at all, its configuration, or also by letting it build dev itself (the default), which
   * takes as long as everything else.
   */
  readonly flux?: 'none' | 'configuration' | 'reconciled';
  /** Where to apply, instead of to a new empty server; or nowhere, to check by reading only. */
  readonly server?: ApiServer | 'none';
  /** Receives each finding. */
  readonly onFinding?: (finding: Finding) => void;
}

/** Where downloads and builds are kept, for all clusters. */
const home = resolve(import.meta.dirname, '../..');

const everywhere = {
  'no readable secret': noReadableSecret,
  'every route asks who is calling': everyRouteAsks,
  'data is kept': dataIsKept,
  'Traefik knows who is calling': knowsCallers,
  'every door is as careful': carefulDoors,
  'only own names': onlyOwnNames,
  'the certificate is for the shop': certificateForShop,
};
const rules: Readonly<Record<Cluster, Readonly<Record<string, Rule>>>> = {
  dev: everywhere,
  prod: { ...everywhere, 'images by digest': imagesByDigest, 'TLS from outside': tlsFromOutside },
};

/**
 * Builds everything for a cluster, checks it against the project's own rules, and applies it stage by stage to an
 * empty, real API server. No controllers or nodes run there. Traefik and the services run beside it, to sell a ticket
 * (see journey.ts).
 */
export async function verify({
  root,
  assets,
  fetchText,
  clusters = ['dev', 'prod'],
  andBuy = false,
  flux = 'reconciled',
  server,
  onFinding,
}: VerifyOptions): Promise<Finding[]> {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-verify-'));
  const findings: Finding[] = [];
  const take = (finding: Finding) => {
    findings.push(finding);
    onFinding?.(finding);
  };
  const hearsOf = (cluster: Cluster): Hears => ({
    found: (check, faults) => take({ cluster, check, faults }),
    skipped: (check, skipped) => take({ cluster, check, faults: [], skipped }),
  });
  try {
    await copyManifests(root, dir, fetchText);
    const verifier = flux === 'none' ? undefined : await prepareFlux(home, root, dir, { assets, fetchText });
    for (const cluster of clusters) {
      const hears = hearsOf(cluster);
      const built = await readCluster(cluster, { dir, assets }, hears);
      if (!built || server === 'none') continue;
      const target = server ?? (await startApiServer(assets, join(dir, cluster)));
      try {
        await applyCluster(cluster, { built, dir, assets, server: target, andBuy }, hears, verifier);
      } finally {
        if (!server) await target.stop();
      }
    }
    if (flux === 'reconciled' && clusters.includes('dev') && findings.every(({ faults }) => faults.length === 0))
      await verifier?.reconciled(hearsOf('dev'));
    return findings;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Stage {
  readonly folder: string;
  readonly text: string;
  readonly manifests: readonly Manifest[];
}

/** Builds every stage and checks it against the rules. @returns the stages, if all could be built */
async function readCluster(
  cluster: Cluster,
  { dir, assets }: { dir: string; assets: string },
  { found }: Hears,
): Promise<Stage[] | undefined> {
  const built: Stage[] = [];
  for (const folder of stages[cluster]) {
    const faults: string[] = [];
    try {
      const text = await build(join(assets, 'kubectl'), join(dir, folder));
      built.push({ folder, text, manifests: manifestsIn(text) });
    } catch (error) {
      faults.push(Error.isError(error) ? error.message : String(error));
    }
    found(`builds ${folder}`, faults);
    if (faults.length > 0) return undefined;
  }
  const all = built.flatMap(({ manifests }) => manifests);
  for (const [check, rule] of Object.entries(rules[cluster])) found(check, rule(all));
  found('the network is the architecture', differences(edgesOf(all), architecture[cluster]));
  return built;
}

interface Applying {
  readonly built: readonly Stage[];
  readonly dir: string;
  readonly assets: string;
  readonly server: ApiServer;
  readonly andBuy: boolean;
}

async function applyCluster(
  cluster: Cluster,
  { built, dir, assets, server, andBuy }: Applying,
  hears: Hears,
  flux: FluxVerifier | undefined,
): Promise<void> {
  const { found } = hears;
  for (const { folder, text, manifests } of built) {
    const faults = await applyStage(server, text);
    if (faults.length === 0) faults.push(...(await kindsAreKnown(server, manifests)));
    if (faults.length === 0) faults.push(...(await admitPods(server, manifests)));
    if (faults.length === 0) faults.push(...(await silenceWebhooks(server, manifests)));
    found(`applies ${folder}`, faults);
    if (faults.length > 0) return;
  }
  found('rights', await askRights(server, cluster));
  if (andBuy && cluster === 'dev') {
    const watch = watching(home, join(dir, 'watched'), hears);
    const { faults, skipped } = await journey(server, join(dir, 'journey'), watch);
    if (skipped === undefined) found('the purchase journey through Traefik', faults);
    else hears.skipped('the purchase journey through Traefik', skipped);
  }
  if (cluster === 'dev') await observability(server, dir, assets, hears);
  // After the journey, because it adds a preview, which has its own services.
  await flux?.applied(cluster, server, hears);
}

function differences(are: readonly string[], should: readonly string[]): string[] {
  return [
    ...are.filter((it) => !should.includes(it)).map((it) => `${it} is open and not in the architecture`),
    ...should.filter((it) => !are.includes(it)).map((it) => `${it} is in the architecture and closed`),
  ];
}
