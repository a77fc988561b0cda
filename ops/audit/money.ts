import { Order } from '@box-office/orders/order';
import { Payment } from '@box-office/payments/payment';
import { disputeAmong } from '@box-office/payments/stripe';
import type Stripe from 'stripe';
import { type Aftermath, aftermathSentences, aftermaths, givenBack, type Known } from './aftermath.ts';
import type { Books } from './books.ts';
import { type Fields, joined, type Pair, pages, plain, readable, type Stored, type View, waiting } from './view.ts';

export function moneyViews(shop: Books): View[] {
  const { orders, payments } = shop;
  /** Both announce their state again: the order completes, or payments settles at Stripe what the order requires. */
  const repair = async ({ id }: Pair): Promise<void> => {
    for (const { documents, store } of [orders, payments]) {
      if (await documents.findOne({ _id: id }, { projection: { _id: 1 } })) await store.announce(id);
    }
  };
  return [
    { ...stripeView(shop), repair },
    { ...orderView(shop), repair },
  ];
}

function stripeView({ payments, stripe }: Books): Omit<View, 'repair'> {
  return {
    name: 'payments’ money at Stripe',
    holder: 'payments',
    owner: 'Stripe',
    money: true,

    async *pairs(ids) {
      const all = ids ? undefined : await allIntents();
      const strangers = new Set(all?.keys() ?? ids?.filter((id) => id.startsWith('pi_')));
      for await (const page of pages(payments.documents, ids)) {
        for (const payment of page) {
          const { stripeId } = payment;
          strangers.delete(stripeId);
          const intent =
            typeof stripeId === 'string' ? (all ? all.get(stripeId) : await intentOf(stripeId)) : undefined;
          yield compared(payment, intent);
        }
      }
      for (const id of strangers) {
        const intent = all ? all.get(id) : await intentOf(id);
        const known = all ? null : await payments.documents.findOne({ stripeId: id });
        if (intent?.order && !known && intent.moves)
          yield { id, held: null, owned: intent.fields(), waits: false, says: intent.says() };
      }
    },
  };

  async function allIntents(): Promise<Map<string, Intent>> {
    const found = new Map<string, Intent>();
    const aftermathOf = await aftermaths(stripe);
    for await (const intent of stripe.paymentIntents.list({ limit: 100 })) {
      found.set(intent.id, viewOf(intent, aftermathOf(intent.id)));
    }
    return found;
  }

  async function intentOf(id: string): Promise<Intent | undefined> {
    try {
      const intent = await stripe.paymentIntents.retrieve(id);
      return viewOf(intent, (await aftermaths(stripe, id))(id));
    } catch (error) {
      if (Error.isError(error) && 'code' in error && error.code === 'resource_missing') return undefined;
      throw error;
    }
  }
}

/** An intent as a payment. */
interface Intent {
  readonly order: string | undefined;
  /** Whether it holds or has captured money that was not refunded. */
  readonly moves: boolean;
  readonly fields: (payment?: { status: string }) => Fields;
  /** What happened to its money afterwards, as sentences. */
  readonly says: (payment?: Known) => string[];
}

function viewOf(intent: Stripe.PaymentIntent, aftermath: Aftermath): Intent {
  const { amount_received: received } = intent;
  // Stripe shows a released authorization as a refund too, although nothing was captured.
  const taken = received > 0 ? received - givenBack(aftermath) : 0;
  const order = intent.metadata.orderId;
  return {
    order,
    moves: taken > 0 || intent.status === 'requires_capture',
    fields: (payment) => ({
      order,
      status: statusOf(intent.status, received > 0 && taken <= 0, payment?.status),
      amount: intent.amount,
      currency: intent.currency,
      taken,
      stripeId: intent.id,
      dispute: disputeAmong(aftermath.disputes),
    }),
    says: (payment) => (received > 0 ? aftermathSentences(intent, aftermath, payment) : []),
  };
}

function statusOf(status: Stripe.PaymentIntent.Status, refunded: boolean, ours?: string): string {
  if (status === 'requires_capture') return 'authorized';
  if (status === 'succeeded') return refunded ? 'refunded' : 'captured';
  if (status === 'canceled') return ours === 'failed' ? 'failed' : 'voided';
  return 'pending';
}

function compared(document: Stored, intent: Intent | undefined): Pair {
  const id = document._id;
  const read = readable(() => Payment.parse(plain(document)));
  if ('unreadable' in read)
    return { id, held: read, owned: intent?.fields() ?? null, waits: false, says: intent?.says() ?? [] };
  const payment = Payment.parse(read);
  const { status, amount, currency, stripeId, refunded, dispute } = payment;
  const taken = status === 'captured' ? amount - refunded : 0;
  const held = { order: id, status, amount, currency, taken, stripeId, dispute };
  // No intent was requested from Stripe yet, or it was refused.
  const needsNone = stripeId === null && (status === 'pending' || status === 'failed');
  const owned = needsNone ? held : (intent?.fields(payment) ?? null);
  return { id, held, owned, waits: false, says: intent?.says(payment) ?? [] };
}

/** The payment statuses allowed for an order. */
const payable: Readonly<Record<Order['status'], readonly string[]>> = {
  created: ['none', 'pending'],
  'awaiting:payment': ['authorized'],
  complete: ['captured', 'refunded'],
  cancelled: ['none', 'failed', 'voided', 'refunded'],
};

function orderView({ orders, payments }: Books): Omit<View, 'repair'> {
  return {
    name: 'orders’ money in payments',
    holder: 'orders',
    owner: 'payments',
    money: true,

    async *pairs(ids) {
      for await (const [order, payment] of joined(orders.documents, payments.documents, ids)) {
        yield matched(order, payment);
      }
    },
  };
}

function matched(order: Stored | undefined, payment: Stored | undefined): Pair {
  const id = order?._id ?? payment?._id ?? '';
  const owned = payment ? readable(() => paid(Payment.parse(plain(payment)))) : null;
  const held = order ? readable(() => due(Order.parse(plain(order)), owned)) : owed(owned);
  return { id, held, owned: owned ?? (held && unpaid(held)), waits: waiting(order, payment) };
}

const paid = ({ status, amount, currency, userId }: Payment): Fields => ({ payment: status, amount, currency, userId });

/** The payment status that the order requires: the current one, if it is allowed. */
function due({ status, price, currency, userId }: Order, found: Fields | null): Fields {
  // Nobody pays for what is free.
  const right = status === 'complete' && price === 0 ? ['none'] : payable[status];
  const is = String(found?.payment ?? 'none');
  const payment = right.includes(is) ? is : `${right.join(' or ')}, for the order is ${status}`;
  return { payment, amount: price, currency, userId };
}

/** A payment without an order is sound if its money was refunded or never captured. */
const owed = (found: Fields | null): Fields | null =>
  found && payable.cancelled.includes(String(found.payment)) ? found : null;

const unpaid = (held: Fields): Fields => ({ ...held, payment: 'none' });
