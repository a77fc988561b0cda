import type { Document, Filter } from 'mongodb';
import type { Page } from '../api/page.ts';
import type { OrderLine } from '../api/story.ts';
import type { Asked } from '../paging.ts';
import type { SandboxSource } from '../sources/sandbox.ts';
import type { Databases, Stored } from './databases.ts';
import { madeAt, type StoredOrder, type StoredPayment, whatIn } from './facts.ts';
import { isPaid } from './waits.ts';

export interface OrderFilter extends Asked {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
}

/** The statuses of an order that is neither complete nor cancelled. */
const open = ['created', 'awaiting:payment'];
/** How many orders are looked through for a title. */
const mostSearched = 5_000;

/** Recent orders, newest first: ids rise with time. */
export async function listOrders(
  databases: Databases,
  sandbox: SandboxSource,
  { limit, before, q, status }: OrderFilter,
): Promise<Page<OrderLine>> {
  const orders = await databases.collection('orders', 'orders');
  const older = before ? { _id: { $lt: before } } : {};
  const having = status ? { status: status === 'open' ? { $in: open } : status } : {};
  const found: StoredOrder[] = [];
  const matches = await matching(databases, q);
  const some = orders
    // A barred id is no order.
    .find({ ...older, ...having, ...matches.filter, barred: { $exists: false } } as Filter<Stored>, {
      projection: { outbox: 0 },
    })
    .sort({ _id: -1 })
    .limit(mostSearched)
    .batchSize(limit + 1);
  for await (const order of some) {
    if (matches.accepts(order as StoredOrder)) found.push(order as StoredOrder);
    if (found.length > limit) break;
  }
  const shown = found.slice(0, limit);
  const payments = await paymentsOf(databases, shown);
  const paid = await paidAtStripe(sandbox, payments);
  const last = shown.at(-1);
  return {
    items: shown.map((order) => lineOf(order, payments.get(order._id), paid)),
    ...(found.length > limit && last ? { next: last._id } : {}),
  };
}

interface Matching {
  readonly filter: Document;
  readonly accepts: (order: StoredOrder) => boolean;
}

/**
 * By the id of an order, ticket, show or person; by the end of an order's, as pages show it; by the buyer's address; or
 * by a part of the title.
 */
async function matching(databases: Databases, q: string | undefined): Promise<Matching> {
  const accepts = () => true;
  if (!q) return { filter: {}, accepts };
  if (/^[0-9a-f]{24}$/.test(q)) {
    return {
      filter: { $or: ['_id', 'ticketId', 'tickets.id', 'showId', 'userId'].map((name) => ({ [name]: q })) },
      accepts,
    };
  }
  if (q.includes('@')) {
    const people = await databases.collection('mail', 'people');
    const found = await people.find({ email: q.toLowerCase() }).limit(100).toArray();
    return { filter: { userId: { $in: found.map(({ _id }) => _id) } }, accepts };
  }
  const wanted = q.toLowerCase();
  // Text from outside is no pattern for a database.
  return {
    filter: {},
    accepts: (order) =>
      whatIn(order).toLowerCase().includes(wanted) || order.status.includes(wanted) || order._id.endsWith(wanted),
  };
}

async function paymentsOf(databases: Databases, orders: readonly StoredOrder[]): Promise<Map<string, StoredPayment>> {
  const unpaid = orders.filter(({ status }) => open.includes(status));
  if (unpaid.length === 0) return new Map();
  const payments = await databases.collection('payments', 'payments').catch(() => undefined);
  const found = await payments?.find({ _id: { $in: unpaid.map(({ _id }) => _id) } }).toArray();
  return new Map(found?.map((it) => [it._id, it as StoredPayment]));
}

/**
 * The orders whose payment is open here and paid at Stripe. Undefined where that cannot be told: Stripe does not
 * answer, or it is the real one, which is not asked.
 */
async function paidAtStripe(
  sandbox: SandboxSource,
  payments: ReadonlyMap<string, StoredPayment>,
): Promise<ReadonlySet<string> | undefined> {
  if (![...payments.values()].some(({ status }) => status === 'pending')) return new Set();
  if (!sandbox.isThere) return undefined;
  const state = await sandbox.state().catch(() => undefined);
  const paid = state?.intents.filter(({ status }) => isPaid(status));
  return paid && new Set(paid.map(({ metadata }) => metadata.orderId ?? ''));
}

export function lineOf(
  order: StoredOrder,
  payment: StoredPayment | undefined,
  paid: ReadonlySet<string> | undefined,
): OrderLine {
  const { _id: id, status, price: total, currency } = order;
  const waitsFor = waitsShortly(order, payment, paid);
  return { id, status, what: whatIn(order), total, currency, at: madeAt(id), ...(waitsFor ? { waitsFor } : {}) };
}

function waitsShortly(
  { _id, status }: StoredOrder,
  payment: StoredPayment | undefined,
  paid: ReadonlySet<string> | undefined,
): string | undefined {
  if (!open.includes(status)) return undefined;
  if (status === 'awaiting:payment') {
    return !payment || ['pending', 'authorized'].includes(payment.status) ? 'payments' : 'orders';
  }
  if (!payment) return 'the buyer';
  if (payment.status !== 'pending') return 'orders';
  if (!paid) return 'the buyer or Stripe';
  return paid.has(_id) ? 'payments' : 'the buyer';
}
