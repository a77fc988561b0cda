import type { Order } from '@box-office/common/contracts/orders';
import type { WaitingEntry } from '@box-office/common/contracts/waiting';
import { derivedId } from '@box-office/common/derived-id';
import { factsOf } from './announced-facts.ts';
import { check } from './checker.ts';
import type { Evidence, Unit } from './evidence.ts';
import { announcements, first, healthy, orderSays, says, second, several, units } from './healthy-evidence.ts';
import { withMails } from './healthy-mails.ts';

/** Two people who waited for tickets of a kind, and were served in turn. */

const [earlyId, lateId] = ['a'.repeat(24), 'b'.repeat(24)];
export const early: WaitingEntry = {
  id: earlyId,
  version: 1,
  showId: 'show-1',
  kindId: 'kind-1',
  kind: 'Standing',
  title: 'Night 1',
  quantity: 1,
  userId: 'early',
  state: 'served',
  orderId: derivedId(earlyId, 'order', 0),
};
export const late: WaitingEntry = { ...early, id: lateId, userId: 'late', orderId: derivedId(lateId, 'order', 0) };
export const orderOf = ({ userId, orderId = '' }: WaitingEntry, number: number): Order => {
  const tickets = several.tickets?.slice(0, 1).map((it) => ({ ...it, id: `unit-1${number}` })) ?? [];
  return { ...several, id: orderId, userId, tickets };
};
const [forEarly, forLate] = [orderOf(early, 1), orderOf(late, 2)];
export const waits = (entry: WaitingEntry, from: number, until?: number) => [
  {
    ...says('orders', 'waiting.joined', entry.id, 0, from),
    ...factsOf('waiting.joined', { ...entry, state: 'waiting', orderId: undefined }),
  },
  ...(until === undefined
    ? []
    : [{ ...says('orders', 'waiting.served', entry.id, 1, until), ...factsOf('waiting.served', entry) }]),
];
export const sold = (order: Order, at: number) => orderSays('order.completed', order, 0, at);

const orders = [first, second, several, forEarly, forLate];
const shows = healthy.shows.map((it) => ({ ...it, kinds: it.kinds.map((kind) => ({ ...kind, quantity: 4 })) }));
const soldTo = ({ id: orderId, tickets = [] }: Order): Unit[] =>
  tickets.map(({ id }) => ({
    ...{ id, showId: 'show-1', kindId: 'kind-1', state: 'sold' },
    hold: { orderId, refundedAt: null },
  }));
export const healthyLine: Evidence = {
  ...healthy,
  entries: [early, late],
  orders,
  payableOrders: orders,
  units: [...units, ...soldTo(forEarly), ...soldTo(forLate)],
  shows,
  knownShows: shows,
  announcements: [
    ...announcements,
    ...waits(early, 30, 50),
    ...waits(late, 40, 55),
    sold(forEarly, 49),
    sold(forLate, 54),
  ],
};

export const brokenInLine = (over: Partial<Evidence>) =>
  check(withMails({ ...healthyLine, ...over }, over))
    .filter(({ violations }) => violations.length > 0)
    .map(({ invariant }) => invariant);
