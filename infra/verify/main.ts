import { resolve } from 'node:path';
import { findGround } from './ground.ts';
import { type Finding, verify } from './verify.ts';

const root = resolve(import.meta.dirname, '../..');

const print = ({ cluster, check, faults, skipped }: Finding) => {
  if (skipped) return console.log(`SKIPPED  ${cluster.padEnd(4)}  ${check}: ${skipped}`);
  console.log(`${faults.length === 0 ? '✓' : '✗'} ${cluster.padEnd(4)}  ${check}`);
  for (const fault of faults) console.log(`        ${fault}`);
};

const ground = await findGround(root, process.env.KUBEBUILDER_ASSETS);
if (typeof ground === 'string') {
  console.log(`SKIPPED  No manifest was verified: ${ground}`);
  // Where everything is meant to be there, nothing was shown.
  process.exitCode = process.argv.includes('--required') ? 1 : 0;
} else {
  const findings = await verify({ root, ...ground, onFinding: print });
  const red = findings.filter(({ faults }) => faults.length > 0).length;
  const skipped = findings.filter((it) => it.skipped).length;
  console.log(`${findings.length - red - skipped} passed, ${red} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = red > 0 || (skipped > 0 && process.argv.includes('--required')) ? 1 : 0;
}
