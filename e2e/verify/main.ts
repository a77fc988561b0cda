import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { prepareFlux } from './flux.ts';
import { findGround } from './ground.ts';
import { copyManifests } from './tree.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');

const print = ({ cluster, check, faults, skipped }: Finding) => {
  if (skipped !== undefined) console.log(`SKIPPED  ${cluster.padEnd(4)}  ${check}: ${skipped}`);
  else console.log(`${faults.length === 0 ? '✓' : '✗'} ${cluster.padEnd(4)}  ${check}`);
  for (const fault of faults) console.log(`        ${fault}`);
};

const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
// Where everything is meant to be there, what was skipped was not shown.
const required = process.argv.includes('--required');
if (typeof ground === 'string') {
  console.log(`SKIPPED  No manifest was verified: ${ground}`);
  process.exitCode = required ? 1 : 0;
} else if (process.argv.includes('--prepare')) {
  // Fetches and builds what is not there yet, which takes minutes once, so that nothing measured or tested waits for it.
  const dir = await mkdtemp(join(tmpdir(), 'box-office-prepare-'));
  await copyManifests(root, dir, ground.fetchText);
  await prepareFlux(root, root, dir, ground);
  await rm(dir, { recursive: true, force: true });
} else {
  const findings = await verify({ root, ...ground, andBuy: true, onFinding: print });
  const red = findings.filter(({ faults }) => faults.length > 0).length;
  const skipped = findings.filter((it) => it.skipped !== undefined).length;
  const passed = findings.length - red - skipped;
  console.log(`${passed} passed, ${red} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = red > 0 || (required && skipped > 0) ? 1 : 0;
}
