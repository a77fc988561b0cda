import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commandLine } from '@box-office/common/command';
import { prepareFlux } from './flux.ts';
import { findGround } from './ground.ts';
import { findAlertmanager, findAmtool, findVictoriaLogs } from './observability/programs.ts';
import { copyManifests } from './tree.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');
const { values } = commandLine({
  name: 'npm run verify',
  does: 'builds everything for the clusters, applies it to a real API server, and buys a ticket',
  options: {
    required: { does: 'a skipped check counts as a failure' },
    prepare: { does: 'only fetches and builds whatever is missing' },
  },
  notes: [
    'Uses kubectl, kube-apiserver and etcd from the folder in KUBEBUILDER_ASSETS; without it, nothing is verified.',
    'Exits with 1 when it finds a fault.',
  ],
});

const print = ({ cluster, check, faults, skipped }: Finding) => {
  if (skipped !== undefined) console.log(`SKIPPED  ${cluster.padEnd(4)}  ${check}: ${skipped}`);
  else console.log(`${faults.length === 0 ? '✓' : '✗'} ${cluster.padEnd(4)}  ${check}`);
  for (const fault of faults) console.log(`        ${fault}`);
};

const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
// With --required, a skipped check is a failure.
if (typeof ground === 'string') {
  console.log(`SKIPPED  No manifest was verified: ${ground}`);
  process.exitCode = values.required ? 1 : 0;
} else if (values.prepare) {
  // Fetches and builds whatever is missing, which takes minutes once, so that no measurement or test waits for it.
  // Not Jaeger: its build takes longer than all others together, and only the whole of verify needs it.
  const dir = await mkdtemp(join(tmpdir(), 'box-office-prepare-'));
  await copyManifests(root, dir, ground.fetchText);
  await prepareFlux(root, root, dir, ground);
  await findAlertmanager();
  await findAmtool();
  await findVictoriaLogs();
  await rm(dir, { recursive: true, force: true });
} else {
  const findings = await verify({ root, ...ground, andBuy: true, onFinding: print });
  const red = findings.filter(({ faults }) => faults.length > 0).length;
  const skipped = findings.filter((it) => it.skipped !== undefined).length;
  const passed = findings.length - red - skipped;
  console.log(`${passed} passed, ${red} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = red > 0 || (values.required && skipped > 0) ? 1 : 0;
}
