import { eventsWith } from '@box-office/common/contracts/event';
import { ExpirationCompleted } from '@box-office/common/contracts/expiration';
import {
  type Payment,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentFailed,
  PaymentPartlyRefunded,
  PaymentRefunded,
  PaymentVoided,
} from '@box-office/common/contracts/payments';
import * as tickets from '@box-office/common/contracts/tickets';
import { forEach } from '@box-office/common/each';
import { type Listener, NotYet, on } from '@box-office/common/messaging/listener';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { KnownTickets } from './known-ticket.ts';
import { cancelBySeller, cancelUnpaid, completeOrder, expire, holdForPayment, type Order } from './order.ts';
import { recordRefund } from './refund.ts';

export function listeners(orders: Aggregates<Order>, knownTickets: KnownTickets, now: () => Date): Listener[] {
  const take = async ({ data }: { data: tickets.Ticket }) => {
    await knownTickets.take(data);
  };
  const takeAndCancel = async ({ data }: { data: tickets.Ticket }) => {
    await knownTickets.take(data);
    await forEach(orders.each({ ticketId: data.id, status: 'created' }), ({ id }) => orders.change(id, cancelBySeller));
  };
  const refund = async ({ data, time }: { data: Payment; time: string }) => {
    await orders.change(data.orderId, (order) => recordRefund(order, data, time));
  };
  return [
    ...eventsWith(tickets.Ticket, tickets).map((contract) =>
      on(contract, contract === tickets.TicketWithdrawn ? takeAndCancel : take),
    ),
    on(ExpirationCompleted, async ({ data }) => {
      const early = Date.parse(data.expiresAt) - now().getTime();
      if (early > 0) throw new NotYet(early);
      await orders.change(data.id, (order) => expire(order, now()));
    }),
    on(PaymentAuthorized, async ({ data }) => {
      await orders.change(data.orderId, holdForPayment);
    }),
    on(PaymentCaptured, async ({ data }) => {
      await orders.change(data.orderId, completeOrder);
    }),
    on(PaymentRefunded, refund),
    on(PaymentPartlyRefunded, refund),
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
