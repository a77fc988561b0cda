import { printable } from '@box-office/common/telemetry/printable';
import type { Findings, Left, Mismatch } from './audit.ts';
import { differing, type Fields } from './view.ts';

/** One mismatch, with both sides' values of every field that differs. */
export function inWords(mismatch: Mismatch | Left): string {
  const { view, id, held, owned, waits, says: sentences = [] } = mismatch;
  const says = (who: string, what: Fields | null) => (what ? `  ${who} has ${shown(what)}` : `  ${who} has none`);
  const lines =
    held && owned
      ? differing(mismatch).map(
          (name) => `  ${name}: ${view.holder} ${shown(held[name])}, ${view.owner} ${shown(owned[name])}`,
        )
      : [says(view.holder, held), says(view.owner, owned)];
  lines.push(...sentences.map((sentence) => `  ${sentence}`));
  if (waits) lines.push('  its owner has news of it that was never announced: does that service run?');
  if ('reason' in mismatch && mismatch.reason) lines.push(`  it could not be announced again: ${mismatch.reason}`);
  // A seller's title may contain what a terminal would interpret.
  return [`${view.name}, ${id}`, ...lines].map(printable).join('\n');
}

export function summary({ compared, mismatches, moving }: Findings): string {
  const all = `${compared} compared: ${count(mismatches.length)}`;
  const each = [...Map.groupBy(mismatches, ({ view }) => view.name)].map(([name, some]) => `${some.length} in ${name}`);
  const restless = moving > 0 ? ` ${moving} changed too often to tell; run it again for them.` : '';
  return `${all}${each.length > 0 ? ` (${each.join(', ')})` : ''}.${restless}`;
}

/** The result of a repair; what remains is shown with its current values. */
export function outcome(mismatches: readonly Mismatch[], left: readonly Left[]): string {
  const healed = `${mismatches.length - left.length} of ${count(mismatches.length)} repaired: both sides agree.`;
  if (left.length === 0) return healed;
  const money = left.some(({ view }) => view.money)
    ? '\nMoney: payments follows Stripe by itself within minutes, refunds and disputes included. What stays different longer is for people to deal with.'
    : '';
  return `${healed}\nLeft for people:\n\n${left.map(inWords).join('\n')}${money}`;
}

/** For machines. */
export function asJson({ compared, mismatches, moving }: Findings, left?: readonly Left[]): string {
  const all = { compared, moving, mismatches: mismatches.map(flat) };
  return JSON.stringify(left ? { ...all, left: left.map(flat) } : all);
}

function flat(mismatch: Mismatch | Left) {
  const { view, ...pair } = mismatch;
  const { name, holder, owner } = view;
  return { view: name, holder, owner, ...pair, differing: differing(mismatch) };
}

const count = (mismatches: number) => (mismatches === 1 ? '1 mismatch' : `${mismatches} mismatches`);

const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
