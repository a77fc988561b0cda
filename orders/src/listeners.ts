import { eventsWith } from '@box-office/common/contracts/event';
import { ExpirationCompleted } from '@box-office/common/contracts/expiration';
import {
  type Payment,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDisputed,
  PaymentFailed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentRefundFailed,
  PaymentRefundPostponed,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import * as shows from '@box-office/common/contracts/shows';
import * as tickets from '@box-office/common/contracts/tickets';
import { forEach } from '@box-office/common/each';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { type Listener, NotYet, on } from '@box-office/common/messaging/listener';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { unchanged } from '@box-office/common/store/change';
import type { KnownTickets } from './known-ticket.ts';
import { recordMoney } from './money.ts';
import { cancelBySeller, cancelUnpaid, completeOrder, expire, holdForPayment, type Order } from './order.ts';
import type { CancelledShows } from './shows/cancelled-shows.ts';
import type { KnownShows } from './shows/known-show.ts';

export function listeners(
  orders: Aggregates<Order>,
  knownTickets: KnownTickets,
  knownShows: KnownShows,
  cancelled: CancelledShows,
  remembered: AwaitedCopies<shows.Show>,
  now: () => Date,
): Listener[] {
  const take = async ({ data }: { data: tickets.Ticket }) => {
    await knownTickets.take(data);
  };
  const takeAndCancel = async ({ data }: { data: tickets.Ticket }) => {
    await knownTickets.take(data);
    await forEach(orders.each({ ticketId: data.id, status: 'created' }), ({ id }) => orders.change(id, cancelBySeller));
  };
  const recordOf = async ({ data, time }: { data: Payment; time: string }) => {
    await orders.change(data.orderId, (order) => recordMoney(order, data, time));
  };
  const takeShow = async ({ data }: { data: shows.Show }) => {
    // First, so that no order is begun that the job has to find.
    await knownShows.take(data);
    if (data.state === 'cancelled') await cancelled.add(data);
  };
  /** A request that was decided before the show was cancelled may have made an order after that: it is not paid. */
  const holdUnlessCancelled = async ({ id, showId }: Order): Promise<void> => {
    const isCancelled = showId !== null && (await remembered.find(showId))?.state === 'cancelled';
    await orders.change(id, isCancelled ? cancelBySeller : holdForPayment);
  };

  return [
    ...eventsWith(shows.Show, shows).map((contract) => on(contract, takeShow)),
    ...eventsWith(tickets.Ticket, tickets).map((contract) =>
      on(contract, contract === tickets.TicketWithdrawn ? takeAndCancel : take),
    ),
    on(ExpirationCompleted, async ({ data }) => {
      const early = Date.parse(data.expiresAt) - now().getTime();
      if (early > 0) throw new NotYet(early);
      await orders.change(data.id, (order) => expire(order, now()));
    }),
    on(PaymentAuthorized, async ({ data }) => {
      const order = await orders.change(data.orderId, (it) => (it.showId ? unchanged(it) : holdForPayment(it)));
      if (order.showId && order.status === 'created') await holdUnlessCancelled(order);
    }),
    on(PaymentCaptured, async ({ data }) => {
      await orders.change(data.orderId, completeOrder);
    }),
    on(PaymentRefunded, recordOf),
    on(PaymentPartlyRefunded, recordOf),
    on(PaymentRefundFailed, recordOf),
    on(PaymentRefundPostponed, recordOf),
    on(PaymentDisputed, recordOf),
    on(PaymentFailed, async ({ data }) => {
      await orders.change(data.orderId, cancelUnpaid);
    }),
    // Voided by the bank or in Stripe’s dashboard: what we void ourselves belongs to an order that is already
    // cancelled.
    on(PaymentVoided, async ({ data }) => {
      await orders.change(data.orderId, cancelUnpaid);
    }),
  ];
}
