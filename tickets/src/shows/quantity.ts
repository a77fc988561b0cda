import { ShowChanged } from '@box-office/common/contracts/shows';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { numbersIn, withNumbers, withoutNumbers } from './ranges.ts';
import { isUnfinished, type Kind, kindOf, type Show, settled, standing } from './show.ts';

// What the job decides that brings the tickets of a kind to the quantity which the organiser wants. Each decision may
// come from a process that is behind, and then changes nothing.

/** The tickets of a kind up to this number have been made. With the last ones, a new show goes on sale. */
export const unitsMade = (show: Show, kindId: string, upTo: number): Change<Show> =>
  progress(show, kindId, (kind) => (upTo > kind.made ? { ...kind, made: upTo } : kind));

/** The most ranges of removed numbers in one show: they are announced in one message. */
const mostRanges = 10_000;

/**
 * Takes tickets off sale, but no more than there are too many, and none if what remains would be too scattered. Others
 * hear of it at once, so that they are not sold any more; in tickets' own documents they are marked afterwards.
 */
export function takeOffSale(show: Show, kindId: string, numbers: readonly number[]): Change<Show> {
  const change = progress(show, kindId, (kind) => {
    const known = new Set(numbersIn(kind.removed));
    const tooMany = Math.max(standing(kind) - kind.quantity, 0);
    const taken = numbers.filter((number) => !known.has(number)).slice(0, tooMany);
    if (taken.length === 0) return kind;
    return { ...kind, removed: withNumbers(kind.removed, taken), marking: withNumbers(kind.marking, taken) };
  });
  const ranges = change.next.kinds.reduce((sum, { removed }) => sum + removed.length, 0);
  if (ranges > mostRanges) return keepHeld(show, kindId);
  return change.changed ? changed(change.next, ShowChanged) : change;
}

/** Tickets that were taken off sale have been marked. */
export const marked = (show: Show, kindId: string, numbers: readonly number[]): Change<Show> =>
  progress(show, kindId, (kind) => {
    const marking = withoutNumbers(kind.marking, numbers);
    return numbersIn(marking).length < numbersIn(kind.marking).length ? { ...kind, marking } : kind;
  });

/** Puts tickets on sale again, but no more than are wanted. */
export const putBack = (show: Show, kindId: string, numbers: readonly number[]): Change<Show> =>
  progress(show, kindId, (kind) => {
    const known = new Set(numbersIn(kind.removed));
    const wanted = Math.max(kind.quantity - standing(kind), 0);
    const back = numbers.filter((number) => known.has(number)).slice(0, wanted);
    return back.length > 0 ? withoutRemoved(kind, back) : kind;
  });

/** These were taken off sale and have been sold all the same, because orders did not know yet. So they are there. */
export const soldAfterAll = (show: Show, kindId: string, numbers: readonly number[]): Change<Show> =>
  progress(show, kindId, (kind) => {
    const after = withoutRemoved(kind, numbers);
    return standing(after) > standing(kind) ? after : kind;
  });

/** None of those that are there can be taken off sale, so there are as many as that. */
export const keepHeld = (show: Show, kindId: string): Change<Show> =>
  progress(show, kindId, (kind) => (standing(kind) > kind.quantity ? { ...kind, quantity: standing(kind) } : kind));

const withoutRemoved = (kind: Kind, numbers: readonly number[]): Kind => ({
  ...kind,
  removed: withoutNumbers(kind.removed, numbers),
  marking: withoutNumbers(kind.marking, numbers),
});

/** Others hear of it when all is done. */
function progress(show: Show, kindId: string, decide: (kind: Kind) => Kind): Change<Show> {
  const kind = kindOf(show, kindId);
  const after = decide(kind);
  if (show.state === 'cancelled' || after === kind) return unchanged(show);
  const next = settled({ ...show, kinds: show.kinds.map((it) => (it === kind ? after : it)) });
  return isUnfinished(next) ? { next, announce: [], changed: true } : changed(next, ShowChanged);
}
