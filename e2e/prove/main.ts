import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commandLine } from '@box-office/common/command';
import { inWords } from '../run/tally.ts';
import { type SceneName, sceneNames } from './crowd/scenes.ts';
import { courseStyleMutants, hunt, huntAll } from './mutants.ts';
import { type FaultKind, faultKinds } from './plan.ts';
import { printReport } from './print.ts';
import { proveOnce } from './run.ts';

const { values, positive, refuse } = commandLine({
  name: 'npm run prove',
  does: 'runs a crowd of buyers and sellers while faults are injected, then gives a verdict for each promise',
  options: {
    minutes: { value: 'NUMBER', default: '2', does: 'how long the crowd trades' },
    rate: { value: 'NUMBER', default: '20', does: 'requests a second' },
    replicas: { value: 'NUMBER', default: '2', does: 'of each service' },
    seed: { value: 'NUMBER', does: 'repeats the faults of an earlier run with this seed; random by default' },
    faults: { value: 'LIST', default: faultKinds.join(','), does: 'only these kinds, or none' },
    scenes: { value: 'LIST', default: sceneNames.join(','), does: 'plays only these scenes besides, or none' },
    targets: { value: 'LIST', does: 'kills, pauses and resets these alone, such as orders,nats' },
    window: { value: 'SECONDS', default: '15', does: 'how long a reservation lasts' },
    rest: { value: 'SECONDS', default: '90', does: 'how long it may take to settle at the end' },
    out: {
      value: 'FOLDER',
      default: resolve(import.meta.dirname, '../../.local/prove'),
      does: 'where report and log go',
    },
    mutants: { does: 'plants each known defect in a copy of the sources; fails unless every one is found' },
    only: { value: 'LIST', default: '', does: 'only the mutants of these names' },
    'course-style': { does: 'proves a copy that has all the usual defects at once' },
  },
  notes: ['Writes report-<seed>.json and log-<seed>.txt. Exits with 1 when a promise was broken.'],
});

const kinds = values.faults === 'none' ? [] : values.faults.split(',').map(faultKind);
const scenes = values.scenes === 'none' ? [] : values.scenes.split(',').map(sceneName);

function faultKind(name: string): FaultKind {
  return faultKinds.find((kind) => kind === name) ?? refuse(`--faults knows no ${name}.`);
}

function sceneName(name: string): SceneName {
  return sceneNames.find((known) => known === name) ?? refuse(`--scenes knows no ${name}.`);
}

// Ends when its parent ends, along with everything it has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const)
  process.on(signal, () => process.exit(130));

const seed = values.seed ? positive('seed', values.seed) : Math.floor(Math.random() * 1_000_000) + 1;
if (values.mutants) process.exit(await huntAll(seed, values.only ? values.only.split(',') : undefined));
if (values['course-style']) {
  const options = { minutes: positive('minutes', values.minutes), rate: positive('rate', values.rate) };
  const report = await hunt(await courseStyleMutants(), seed, { ...options, faults: kinds });
  printReport(report, console.log);
  process.exit(1);
}
await mkdir(values.out, { recursive: true });
const logFile = join(values.out, `log-${seed}.txt`);
const reportFile = join(values.out, `report-${seed}.json`);
console.log(`seed ${seed}`);
const isTerminal = process.stdout.isTTY;
let lastSaid = 0;
const report = await proveOnce({
  seed,
  kinds,
  scenes,
  durationMs: positive('minutes', values.minutes) * 60_000,
  rate: positive('rate', values.rate),
  replicas: positive('replicas', values.replicas),
  targets: values.targets?.split(','),
  windowMs: positive('window', values.window) * 1000,
  restWithinMs: positive('rest', values.rest) * 1000,
  logFile,
  progress(line) {
    // A log gets a line from time to time, a terminal one line that is updated.
    if (isTerminal) process.stdout.write(`\r\u001b[K${line}`);
    else if (Date.now() - lastSaid > 10_000) {
      lastSaid = Date.now();
      console.log(line);
    }
  },
});
await writeFile(reportFile, JSON.stringify(report));
printReport(report, console.log);
console.log(`\nThe whole history: ${reportFile}; the output of the processes: ${logFile}`);
const broken = report.verdicts.filter(({ violations }) => violations.length > 0).length;
// A promise for which nothing happened was not shown to hold.
const idle = report.verdicts.filter(({ checked, violations }) => checked === 0 && violations.length === 0).length;
console.log(inWords({ passed: report.verdicts.length - broken - idle, failed: broken, skipped: idle }));
process.exit(broken === 0 ? 0 : 1);
