import type { LabLine, Situation as Shown } from '@box-office/console/api/lab';
import { clock, plain, print, printJsonLine } from '@box-office/console/client/print';
import pc from 'picocolors';
import type { UsualOutcome } from './course-style.ts';
import type { Situation } from './situation.ts';

/** One line for each, for people or for machines. */
export function printList(situations: readonly Situation[], json: boolean): void {
  const width = Math.max(...situations.map(({ name }) => name.length));
  for (const { make: _, ...shown } of situations) {
    if (json) printJsonLine({ kind: 'situation', ...shown } satisfies Shown);
    else print(`${shown.name.padEnd(width)}  ${shown.title}`);
  }
}

/** What a run on the usual code has shown, for people. */
export function printUsual({ violated, result }: UsualOutcome, courseStyle: string): void {
  print(`What the usual code is known for: ${courseStyle}`);
  if (violated.length > 0) print(`${pc.bold('Here it failed:')} ${violated.join('; ')}\n`);
  else if (result && !result.failed)
    print('Here it came through: none of the planted defects shows in this situation.\n');
}

/** A line of a run, for people. */
export function printLine(line: LabLine): void {
  if (line.kind === 'situation') {
    print(`${pc.bold(line.title)}\n${line.teaches}\nWhat should happen: ${line.should}\n`);
  } else if (line.kind === 'step') {
    print(`${clock(line.at)}  ${plain(line.text)}`);
  } else if (line.kind === 'check') {
    print(`${clock(line.at)}  ${line.ok ? pc.green('✓') : pc.red('✗')} ${plain(line.text)}`);
    print(`            ${plain(line.seen)}`);
  } else {
    if (line.failed) print(`It could not go on: ${plain(line.failed)}`);
    if (line.story) print(`\nThe story of the order: ${line.story}`);
    const verdict = line.ok ? pc.green('as it should be') : pc.red('not as it should be');
    print(`\n${line.name}: ${verdict} (${line.seconds} s)\n`);
  }
}
