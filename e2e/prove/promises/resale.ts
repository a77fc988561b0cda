import { type Order, type OrderedTicket, owedFor, ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import { orderHistories } from '../order-histories.ts';
import { excusesRefund, type Intent, isMade } from '../stripe-side.ts';
import { type Verdict, verdict } from './verdict.ts';

type AtRest = Pick<Evidence, 'orders' | 'intents'>;

/** A ticket that was sold again has left its holder before, who got back what it cost, once, after the new one paid. */
export function resale(evidence: AtRest & Pick<Evidence, 'announcements' | 'commands'>): Verdict {
  return verdict('I17', 'a ticket sold again changed hands, and money moved once each way', (violated) => {
    for (const it of unsettled(evidence)) violated(it);
    const completed = completedAt(evidence);
    let checked = 0;
    for (const { order, ticket, successor, intent } of resold(evidence)) {
      checked++;
      const what = `ticket ${ticket.id} of order ${order.id}`;
      if (!successor) violated(`${what} counts as sold again, and nobody bought it`);
      const soldMs = completed.get(successor?.id ?? '');
      if (soldMs === undefined || ticket.ended !== 'resold') continue;
      for (const { createdMs, amount } of ofTicket(ticket, intent)) {
        if (createdMs + secondMs <= soldMs - clockGrainMs && !wasAskedFor(ticket, evidence)) {
          violated(`${what}: ${amount} was refunded before order ${successor?.id} was paid`);
        }
      }
    }
    return checked;
  });
}

const secondMs = 1_000;
const clockGrainMs = 200;

/** A complete order that had a ticket before a later complete one, and the next of those. */
interface Resold {
  readonly order: Order;
  readonly ticket: OrderedTicket;
  readonly successor: Order | undefined;
  readonly intent: Intent | undefined;
}

/** Everything that was sold again, or says so. */
function resold({ orders, intents }: AtRest): Resold[] {
  const intentOf = new Map(intents.map((intent) => [intent.orderId, intent]));
  const complete = orders.filter(({ status }) => status === 'complete');
  const byTicket = Map.groupBy(
    complete.flatMap((order) => ticketsOf(order).map((ticket) => ({ order, ticket }))),
    ({ ticket }) => ticket.id,
  );
  return [...byTicket.values()].flatMap((some) => {
    const sorted = some.toSorted((a, b) => a.ticket.attempt - b.ticket.attempt);
    return sorted.flatMap(({ order, ticket }, place) => {
      const successor = sorted[place + 1]?.order;
      return successor || ticket.ended === 'resold'
        ? [{ order, ticket, successor, intent: intentOf.get(order.id) }]
        : [];
    });
  });
}

/**
 * What has been sold again, and its holder before still has it, or is still owed what it cost; and what its holder has
 * not taken again after somebody else gave it up.
 */
export const unsettled = (stored: AtRest): string[] => [...notTakenAgain(stored), ...notHandedOver(stored)];

/** Whoever offers a ticket claims the attempt after the one of a buyer who did not pay. */
function notTakenAgain({ orders }: Pick<AtRest, 'orders'>): string[] {
  const last = new Map<string, number>();
  const all = orders.flatMap((order) => ticketsOf(order).map((ticket) => ({ order, ticket })));
  for (const { ticket } of all) last.set(ticket.id, Math.max(last.get(ticket.id) ?? 0, ticket.attempt));
  return all.flatMap(({ order, ticket: { id, attempt, ended } }) => {
    if (order.status !== 'complete' || ended !== undefined || attempt === last.get(id)) return [];
    return [`ticket ${id} was given up at attempt ${last.get(id)}, and order ${order.id} has it at ${attempt} only`];
  });
}

function notHandedOver(stored: AtRest): string[] {
  return resold(stored).flatMap(({ order, ticket, successor, intent }) => {
    const what = `ticket ${ticket.id} of order ${order.id}, which order ${successor?.id} has bought,`;
    if (ticket.ended === undefined) return [`${what} is still with its first holder`];
    const paid = successor && ticketsOf(successor).find(({ id }) => id === ticket.id)?.price;
    const due = Math.min(ticket.price, paid ?? ticket.price);
    if (ticket.ended === 'resold' && owedFor(ticket) !== due) {
      return [`${what} is worth ${owedFor(ticket)} to its first holder, and not ${due}`];
    }
    if (!intent || owedFor(ticket) === 0 || intent.refunded >= intent.received || excusesRefund(intent)) return [];
    return ofTicket(ticket, intent).length === 1
      ? []
      : [`${what} was refunded ${ofTicket(ticket, intent).length} times`];
  });
}

const ofTicket = ({ id }: OrderedTicket, intent: Intent | undefined) =>
  (intent?.refunds ?? []).filter((it) => it.ticketId === id && isMade(it));

/** When each order was first announced as complete. */
function completedAt({ announcements }: Pick<Evidence, 'announcements'>): Map<string, number> {
  const histories = orderHistories(announcements);
  return new Map(
    [...histories].flatMap(([id, stays]) => {
      const complete = stays.find(({ order }) => order.status === 'complete');
      return complete ? [[id, complete.fromMs] as const] : [];
    }),
  );
}

/** Whether its seller asked for the refund of this ticket, which may have been at any time. */
const wasAskedFor = ({ id }: OrderedTicket, { commands }: Pick<Evidence, 'commands'>): boolean =>
  commands.some(
    ({ path, body, wrong }) =>
      path.endsWith('/refund') &&
      !wrong &&
      (body as { tickets?: readonly string[] } | undefined)?.tickets?.includes(id),
  );
