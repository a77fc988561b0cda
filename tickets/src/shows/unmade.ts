import { mostUnits } from '@box-office/common/contracts/shows';
import { tooManyRequests } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { type Show, standing } from './show.ts';
import { notListed } from './views.ts';

/** The most tickets of one organiser that are waiting to be made: as many as two of the largest shows have. */
const mostUnmade = 2 * mostUnits;
/** The most shows of one organiser with tickets to be made. */
const mostUnfinished = 100;

/**
 * One request is enough to have 50,000 documents made, so an organiser has to wait for them before asking for many
 * more. Requests at the same time may get past it. An edit that asks for no more than `before` is always let through.
 *
 * @throws Problem 429 `too-many-requests`
 */
export async function mustNotBeTooMany(
  shows: Pick<Aggregates<Show>, 'query'>,
  show: Show,
  before?: Show,
): Promise<void> {
  if (before && unmadeOf(show) <= unmadeOf(before)) return;
  const filter = { userId: show.userId, unfinished: true };
  const found = await shows.query(filter, { limit: mostUnfinished + 1, omit: notListed });
  const unfinished = found.filter(({ id }) => id !== show.id);
  const unmade = [...unfinished, show].reduce((sum, it) => sum + unmadeOf(it), 0);
  if (unfinished.length < mostUnfinished && unmade <= mostUnmade) return;
  throw tooManyRequests('The tickets of your other shows are still being made.', 60);
}

const unmadeOf = ({ kinds }: Show): number =>
  kinds.reduce((sum, kind) => sum + Math.max(kind.quantity - standing(kind), 0), 0);
