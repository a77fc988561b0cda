import { join, resolve } from 'node:path';
import { CannotRun, cannotRun, commandLine } from '@box-office/common/command';
import { printJsonLine } from '@box-office/console/client/print';
import { localDir } from '@box-office/local/engines';
import { onUsualCode } from './course-style.ts';
import { ownPlatform, runningPlatform } from './platform.ts';
import { printLine, printList, printUsual } from './print.ts';
import { type Outcome, runSituation } from './run.ts';
import type { Situation } from './situation.ts';
import { situations } from './situations.ts';
import { startUndoing } from './undoing.ts';

const { values, words, refuse } = commandLine({
  name: 'npm run lab',
  does: 'makes what event-driven code gets wrong, and checks what should happen then; lists the situations',
  words: { NAME: 'makes this situation', all: 'makes one after the other' },
  options: {
    json: { does: 'for machines: one object on each line' },
    state: {
      value: 'FOLDER',
      default: join(localDir, 'state'),
      does: 'on the npm start that keeps its state there',
    },
    own: { does: 'on a platform of its own, even if one runs here' },
    'course-style': { does: 'on a copy of the sources with the usual defects, which runs beside' },
  },
  notes: [
    'On the running npm start; without one, on a platform that is started for it and ended afterwards.',
    'Exits with 0 when everything is as it should be, with 1 when something is not, with 2 when a situation could not be made.',
    'With --course-style, 0 says that the usual code failed in each, and 1 that it came through one.',
  ],
});

function chosen(): readonly Situation[] {
  const [name, ...more] = words;
  if (more.length > 0) return refuse('One situation at a time, or all.');
  if (name === 'all') return situations;
  const found = situations.filter((it) => it.name === name);
  const names = situations.map((it) => it.name).join(', ');
  return found.length > 0 ? found : refuse(`There is no situation "${name}". There are: ${names}, all.`);
}

async function main(): Promise<number> {
  if (words.length === 0) {
    printList(situations, values.json);
    return 0;
  }
  const wanted = chosen();
  if (values['course-style']) return onUsual(wanted);
  const platform = (values.own ? undefined : await runningPlatform(resolve(values.state))) ?? (await started());
  const undoing = startUndoing();
  const outcomes = new Set<Outcome>();
  try {
    for (const situation of wanted)
      outcomes.add(await runSituation(situation, platform, undoing, values.json ? printJsonLine : printLine));
  } finally {
    await undoing.end();
    await platform.end();
  }
  return outcomes.has('not-made') ? cannotRun : outcomes.has('violated') ? 1 : 0;
}

/** The exit code: whether the usual code fails in every one of them. */
async function onUsual(wanted: readonly Situation[]): Promise<number> {
  const outcomes = new Set<Outcome>();
  for (const { name, courseStyle } of wanted) {
    process.stderr.write('Starting a platform of the usual code…\n');
    const outcome = await onUsualCode(name, values.json ? printJsonLine : printLine);
    const isMade = outcome.result && !outcome.result.failed;
    outcomes.add(outcome.violated.length > 0 ? 'violated' : isMade ? 'held' : 'not-made');
    if (!values.json) printUsual(outcome, courseStyle);
  }
  return outcomes.has('not-made') ? cannotRun : outcomes.has('held') ? 1 : 0;
}

function started() {
  process.stderr.write('Starting a platform for the lab…\n');
  return ownPlatform();
}

// The reader may have closed the pipe, like `head`. What is stopped then is continued: see undoing.ts.
process.stdout.on('error', () => process.exit());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(cannotRun));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof CannotRun ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exitCode = cannotRun;
}
