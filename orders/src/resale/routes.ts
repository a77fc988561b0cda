import { hasBegun } from '@box-office/common/contracts/begun';
import { Order, Resale } from '@box-office/common/contracts/orders';
import type { Show } from '@box-office/common/contracts/shows';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { type Route, route } from '@box-office/common/http/route';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { notFound } from '@box-office/common/problem';
import { isTheirs, type SignedInUser } from '@box-office/common/signed-in-user';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { type Order as StoredOrder, snapshot } from '../order.ts';
import type { Resales } from './resales.ts';

export interface ResaleRoutes {
  readonly orders: Aggregates<StoredOrder>;
  readonly knownTickets: AwaitedCopies<Ticket>;
  readonly knownShows: AwaitedCopies<Show>;
  readonly resale: Resales;
  readonly now: () => Date;
}

export const resaleRoutes = ({ orders, knownTickets, knownShows, resale, now }: ResaleRoutes): Route[] => [
  route('PUT /api/orders/:id/resale', {
    who: 'signedIn',
    summary: 'Offer tickets of my complete order to others, and take others of its tickets back',
    body: Resale,
    answers: {
      200: {
        description:
          'The order. Its tickets stay yours until somebody has paid for them; then you are refunded what they cost you, or what the new buyer pays for them if that is less',
        body: Order,
      },
    },
    problems: ['not-resellable', 'ticket-reserved', 'limit-reached', 'busy'],
    async handle({ user, params, body }) {
      const order = await orders.get(params.id);
      mustBeBuyer(order, user);
      const { showId, ticketId } = order;
      const show = showId === null ? null : await knownShows.find(showId);
      const ticket = showId === null ? await knownTickets.find(ticketId) : null;
      const over = whyOver(show, show ?? ticket ?? order, now());
      return { status: 200, body: snapshot(await resale.offer(order, { ids: body.tickets, over, now: now() })) };
    },
  }),
];

function whyOver(show: Show | null, { startsAt }: Pick<StoredOrder, 'startsAt'>, now: Date): string | null {
  if (show?.state === 'cancelled') return 'The show is cancelled.';
  return hasBegun({ startsAt }, now) ? 'It has already begun.' : null;
}

/** To anyone but its buyer, an order does not exist. */
export function mustBeBuyer(order: StoredOrder, user: SignedInUser): void {
  if (!isTheirs(user, order.userId)) throw notFound();
}
