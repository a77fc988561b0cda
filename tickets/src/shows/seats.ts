import { Id } from '@box-office/common/contracts/primitives';
import type { Seat } from '@box-office/common/contracts/shows';
import { pageQuery } from '@box-office/common/http/paging';
import { z } from 'zod';
import { kindOf, type Show } from './show.ts';
import type { Units } from './units.ts';

export const SeatsQuery = pageQuery(100).extend({
  kindId: Id,
  cursor: z
    .string()
    .regex(/^\d{1,5}$/, 'must be taken from Link')
    .optional()
    .describe('The last seat of the page before; taken from `Link`'),
});
export type SeatsQuery = z.infer<typeof SeatsQuery>;

/**
 * The seats of a kind, in the order in which the organiser has listed them; none if it has no seats. A page has fewer
 * than `limit` where some were taken off sale.
 */
export async function seatsOf(
  units: Units,
  show: Show,
  { kindId, cursor = '0', limit }: SeatsQuery,
): Promise<{ items: Seat[]; next: string | undefined }> {
  const { seats, made } = kindOf(show, kindId);
  if (seats === null) return { items: [], next: undefined };
  const after = Number(cursor);
  const found = await units.between(show.id, kindId, after, after + limit);
  const offered = found.filter(({ state }) => state !== 'removed');
  return {
    items: offered.map(({ _id: id, number, state }) => ({
      id,
      label: seats[number - 1] ?? '',
      free: state === 'free' || state === 'offered',
    })),
    next: after + limit < made ? `${after + limit}` : undefined,
  };
}
