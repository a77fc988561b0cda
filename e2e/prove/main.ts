import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inWords } from '@box-office/local/tally';
import { courseStyleMutants, hunt, huntAll } from './mutants.ts';
import { type FaultKind, faultKinds } from './plan.ts';
import { printReport } from './print.ts';
import { proveOnce } from './run.ts';

const usage = `npm run prove                    two minutes of trade while things go wrong, then a verdict for each promise
npm run prove -- --seed 7        the same faults as whoever used 7
npm run prove -- --minutes 30 --rate 100 --replicas 2
npm run prove -- --window 5      keeps a ticket for 5 s for who has reserved it (15 otherwise)
npm run prove -- --rest 30        gives it 30 s to come to rest at the end (90 otherwise)
npm run prove -- --mutants       plants each known defect in a copy of the sources, and fails unless every one is found
npm run prove -- --mutants --only NAME,NAME      these of them
npm run prove -- --course-style  the same proof of a copy that has the usual defects, all at once
npm run prove -- --faults kill,outage    only these of ${faultKinds.join(', ')}; none for none
npm run prove -- --targets orders,nats   kills and pauses processes of these alone
Writes report-<seed>.json and log-<seed>.txt into .local/prove/ (--out FOLDER). Exits with 1 when a promise was broken.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: `${Math.floor(Math.random() * 1_000_000)}` },
    minutes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '20' },
    faults: { type: 'string', default: faultKinds.join(',') },
    replicas: { type: 'string', default: '2' },
    window: { type: 'string', default: '15' },
    rest: { type: 'string', default: '90' },
    targets: { type: 'string' },
    out: { type: 'string', default: resolve(import.meta.dirname, '../../.local/prove') },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'course-style': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(usage);
  process.exit(0);
}

function positive(name: 'minutes' | 'rate' | 'replicas' | 'seed' | 'window' | 'rest'): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`--${name} must be a number above 0\n\n${usage}`);
  process.exit(2);
}

const kinds = values.faults === 'none' ? [] : (values.faults.split(',') as FaultKind[]);
const unknown = kinds.filter((kind) => !faultKinds.includes(kind));
if (unknown.length > 0) {
  console.error(`--faults knows no ${unknown.join(', ')}\n\n${usage}`);
  process.exit(2);
}

// Ends with whoever started it; what it has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const)
  process.on(signal, () => process.exit(130));

const seed = positive('seed');
if (values.mutants) process.exit(await huntAll(seed, values.only ? values.only.split(',') : undefined));
if (values['course-style']) {
  const options = { minutes: positive('minutes'), rate: positive('rate') };
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
  durationMs: positive('minutes') * 60_000,
  rate: positive('rate'),
  replicas: positive('replicas'),
  targets: values.targets?.split(','),
  windowMs: positive('window') * 1000,
  restWithinMs: positive('rest') * 1000,
  logFile,
  progress(line) {
    // A log gets a line now and then, a terminal one line that changes.
    if (isTerminal) process.stdout.write(`\r\u001b[K${line}`);
    else if (Date.now() - lastSaid > 10_000) {
      lastSaid = Date.now();
      console.log(line);
    }
  },
});
await writeFile(reportFile, JSON.stringify(report));
printReport(report, console.log);
console.log(`\nThe whole history: ${reportFile}; what the processes said: ${logFile}`);
const broken = report.verdicts.filter(({ violations }) => violations.length > 0).length;
console.log(inWords({ passed: report.verdicts.length - broken, failed: broken, skipped: 0 }));
process.exit(broken === 0 ? 0 : 1);
