import { commandLine } from '@box-office/common/command';
import { inWords } from '../run/tally.ts';
import { attacks } from './attacks.ts';
import { huntHoles } from './holes.ts';
import { printFinding } from './print.ts';
import { runAttacks } from './run.ts';

const { values, positive, refuse } = commandLine({
  name: 'npm run attack',
  does: 'attacks a platform of its own, through the gateway and straight at its services, and says what held',
  options: {
    short: { does: 'fewer tries, as in the tests, and no conformance' },
    only: { value: 'LIST', default: '', does: 'only the attacks, or with --holes the holes, of these names' },
    seed: { value: 'NUMBER', default: '2026', does: 'makes the same random choices again' },
    json: { does: 'prints the findings as JSON, one a line' },
    holes: { does: 'plants each known hole in a copy of the sources; fails unless every one is found' },
  },
  notes: [`Attacks: ${attacks.map(({ name }) => name).join(', ')}.`, 'Exits with 1 when something gave way.'],
});

// Ends when its parent ends, along with everything it has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const)
  process.on(signal, () => process.exit(130));

const only = values.only ? values.only.split(',') : undefined;
if (values.holes) process.exit(await huntHoles(only));
for (const name of only ?? []) {
  if (!attacks.some((attack) => attack.name === name)) refuse(`--only knows no ${name}.`);
}

const findings = await runAttacks({
  attacks: attacks.filter(({ name }) => !only || only.includes(name)),
  effort: values.short ? 'short' : 'long',
  seed: positive('seed', values.seed),
  onFinding: (finding) => (values.json ? console.log(JSON.stringify(finding)) : printFinding(finding, console.log)),
});
const failed = findings.filter(({ faults }) => faults.length > 0).length;
const skipped = findings.filter((finding) => finding.skipped).length;
if (!values.json) console.log(inWords({ passed: findings.length - failed - skipped, failed, skipped }));
process.exit(failed === 0 ? 0 : 1);
