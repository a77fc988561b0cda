import pc from 'picocolors';
import { roles } from './crowd/forbidden.ts';
import { faultKinds } from './plan.ts';
import type { Report } from './run.ts';

const shown = 5;

/** What was done, which faults were injected, and a verdict for each promise. */
export function printReport(report: Report, print: (line: string) => void): void {
  const { done, faults, evidence, verdicts } = report;
  const tries = evidence.commands.reduce((sum, command) => sum + command.tries.length, 0);
  const orders = (status: string) => evidence.orders.filter((order) => order.status === status).length;

  print(`\nDone in ${report.durationMs / 1000} s, and settled ${(report.restMs / 1000).toFixed(1)} s later`);
  row('tickets listed', evidence.tickets.length);
  row('orders made', evidence.orders.length);
  row('… complete', orders('complete'));
  row('… cancelled', orders('cancelled'));
  row('refused: second buyer, or withdrawn', done.refused);
  row('shows announced', evidence.shows.length);
  row('orders of several tickets made', done.shows.orders);
  row('… paid', done.shows.paid);
  row('… refused: sold out, seat taken, limit', done.shows.refused);
  row('shows paused for a while', done.shows.pauses);
  row('prices of shows changed', done.shows.prices);
  row('shows cancelled', done.shows.cancelled);
  row('refunds, in parts or whole', done.afterwards.refunds);
  row('disputes by hand', done.afterwards.disputes);
  row('offers to sell tickets again', done.resale.offers);
  row('… taken back', done.resale.takenBack);
  row('joined a waiting list', done.waiting.joined);
  row('… served', done.waiting.served);
  row('… left', done.waiting.left);
  row('scenes played', done.scenes.scenes);
  row('commands', evidence.commands.length);
  row('requests sent for them', tries);
  row('commands that never got a definite answer', evidence.commands.filter(({ answer }) => !answer).length);
  row('announcements read', evidence.announcements.length);

  print('\nGone wrong');
  for (const kind of faultKinds) {
    const some = faults.filter((fault) => fault.kind === kind);
    if (some.length === 0) continue;
    const failed = some.filter((fault) => fault.failed !== undefined);
    row(
      kind,
      some.length - failed.length,
      failed.length > 0 ? `${failed.length} could not be done: ${failed[0]?.failed}` : '',
    );
  }

  print('\nPromises');
  for (const { invariant, promise, checked, violations } of verdicts) {
    const held = checked > 0 ? pc.green('held') : pc.yellow('not shown');
    const how = violations.length === 0 ? held : pc.red(`broken ${violations.length} times`);
    print(`  ${invariant}  ${promise.padEnd(84)} ${`${checked} looked at`.padStart(18)}  ${how}`);
    for (const violation of violations.slice(0, shown)) print(`        ${violation}`);
    if (violations.length > shown) print(`        … and ${violations.length - shown} more in the report`);
  }

  printRoles(report, print);

  function row(what: string, count: number, note = ''): void {
    print(`  ${what.padEnd(50)} ${`${count}`.padStart(8)}  ${note}`.trimEnd());
  }
}

/** How many times each route was tried as each role that may not use it. */
function printRoles({ evidence }: Report, print: (line: string) => void): void {
  const tried = Map.groupBy(evidence.commands, ({ wrong }) => wrong?.cell);
  const routes = Map.groupBy(evidence.cells, (cell) => cell.split(' as ')[0] ?? '');
  const count = (cell: string) => tried.get(cell)?.length ?? 0;
  const all = evidence.cells.length;
  print(`\nRefused as expected: ${evidence.cells.filter(count).length} of ${all} routes × roles were tried`);
  print(`  ${''.padEnd(38)}${roles.map((role) => role.padStart(10)).join('')}`);
  for (const [route, cells] of routes) {
    const counts = roles.map((role) =>
      cells.includes(`${route} as ${role}`) ? `${count(`${route} as ${role}`)}` : '·',
    );
    print(`  ${route.padEnd(38)}${counts.map((it) => it.padStart(10)).join('')}`);
  }
}
