import pc from 'picocolors';
import type { Finding } from './run.ts';

const shown = 5;

/** One line for an attack, and below it where the platform gave way. */
export function printFinding(finding: Finding, print: (line: string) => void): void {
  const { attack, promise, tried, faults, skipped, measured, tookMs } = finding;
  const verdict = skipped ? pc.yellow('SKIPPED') : faults.length > 0 ? pc.red('BROKEN ') : pc.green('held   ');
  const count = skipped ? skipped : `${tried} tries in ${(tookMs / 1000).toFixed(1)} s`;
  print(`  ${attack.padEnd(18)} ${verdict}  ${promise} (${[count, measured].filter(Boolean).join('; ')})`);
  for (const fault of faults.slice(0, shown)) print(`${''.padEnd(22)}${fault}`);
  if (faults.length > shown) print(`${''.padEnd(22)}… and ${faults.length - shown} more`);
}
