import { publicVersion, versionFields } from '@box-office/common/store/stored-version';
import { recordMoney } from '@box-office/orders/money';
import { Order, type StoredTicket } from '@box-office/orders/order';
import { pendingParts } from '@box-office/payments/part-refund';
import { Payment, snapshot } from '@box-office/payments/payment';
import type { Books } from './books.ts';
import { type Fields, joined, type Pair, plain, type Stored, type View, waiting } from './view.ts';

/**
 * What orders has recorded of refunds and disputes, and of which version of the payment. An order ignores what is not
 * newer, so a version that its payment has not reached is a mismatch by itself: that is what a payment is left with
 * that was restored from a backup.
 */
export function recordedMoneyView({ orders, payments }: Books): View {
  return {
    name: 'orders’ view of payments',
    holder: 'orders',
    owner: 'payments',
    money: true,

    async *pairs(ids) {
      for await (const [order, payment] of joined(orders.documents, payments.documents, ids)) {
        const pair = order && payment && paired(order, payment);
        if (pair) yield pair;
      }
    },

    async repair({ id }) {
      const [order, payment] = [
        await orders.documents.findOne({ _id: id }),
        await payments.documents.findOne({ _id: id }),
      ];
      if (!order || !payment) return;
      await lowerFence(order, Number(publicVersion(payment)));
      await payments.store.announce(id);
    },
  };

  /**
   * Has an order take this version of its payment, and still nothing older. Counts as a write, so that a service that
   * is changing the order notices it, and announces nothing.
   */
  async function lowerFence(order: Stored, next: number): Promise<void> {
    const { _id, version, paymentVersion } = order;
    if (typeof paymentVersion !== 'number' || paymentVersion < next) return;
    const $set = { paymentVersion: next > 0 ? next - 1 : null };
    const written = versionFields(version + 1, Number(publicVersion(order)));
    await orders.documents.updateOne({ _id, version }, { $set: { ...$set, ...written } });
  }
}

/** Undefined if one of them cannot be read, which is found where their money is compared. */
function paired(document: Stored, owner: Stored): Pair | undefined {
  const [{ data: order }, { data: payment }] = [Order.safeParse(plain(document)), Payment.safeParse(plain(owner))];
  if (!order || !payment) return undefined;
  const { id, paymentVersion } = order;
  // What the order would record if it had heard nothing before; the time is not compared.
  const told = recordMoney({ ...order, paymentVersion: null }, snapshot(payment), payment.since).next;
  const isAhead = paymentVersion !== null && paymentVersion > payment.version;
  const says = isAhead ? [`Orders ignores what payments announces of it before version ${paymentVersion + 1}.`] : [];
  return {
    id,
    held: recorded(order, payment),
    owned: recorded({ ...told, paymentVersion: isAhead ? payment.version : paymentVersion }, payment),
    waits: waiting(owner),
    says,
  };
}

function recorded({ tickets, ...order }: Order, payment: Payment): Fields {
  const { paymentVersion, refunded, refundedAt, awaitsBalanceSince, dispute } = order;
  // That the refund of a ticket has failed is announced as over only once another one was made.
  const refunding = pendingParts(payment).map(({ ticketId }) => ticketId);
  const idsOf = (has: (ticket: StoredTicket) => boolean) => (tickets ?? []).filter(has).map(({ id }) => id);
  return {
    ...{ paymentVersion, refunded, isRefunded: refundedAt !== null, awaitsBalanceSince, dispute },
    refundedTickets: idsOf((ticket) => ticket.refundedAt !== null),
    refundFailedTickets: idsOf((ticket) => ticket.refundFailedAt !== null && !refunding.includes(ticket.id)),
  };
}
