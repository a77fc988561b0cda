import { type Order, type OrderedTicket, owedFor, ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import type { Command } from '../history.ts';
import { hasFailed, type Intent, isMade, type MadeRefund, wasTaken } from '../stripe-side.ts';
import { type Verdict, verdict } from './verdict.ts';

/** What a seller was told to be refunded was refunded, once, and nothing that nobody asked for. */
export function refunds({ orders, intents, commands }: Evidence): Verdict {
  return verdict('I15', 'each refund was asked for, and was made once', (violated) => {
    const requests = Map.groupBy(commands.filter(isRequest), ({ path }) => path.split('/')[3] ?? '');
    const orderOf = new Map(orders.map((order) => [order.id, order]));
    const paid = intents.filter(wasTaken);
    for (const intent of paid) {
      const asked = requests.get(intent.orderId) ?? [];
      const order = orderOf.get(intent.orderId);
      const faults = [...unlikeAsked(asked, intent), ...(order ? unlikeTickets(order, asked, intent) : [])];
      for (const it of faults) violated(`order ${intent.orderId}: ${it}`);
    }
    return paid.length;
  });
}

const isRequest = ({ method, path, wrong }: Command): boolean =>
  method === 'POST' && path.startsWith('/api/payments/') && path.endsWith('/refund') && !wrong;

const bodyOf = ({ body }: Command) =>
  (body ?? {}) as { readonly amount?: number; readonly tickets?: readonly string[] };
const isConfirmed = ({ answer }: Command): boolean => answer?.status === 200;
/** It may have taken effect. */
const isOpen = ({ answer }: Command): boolean => answer === undefined;

/** How refunds of amounts, and of everything, differ from what was asked for. */
function unlikeAsked(commands: readonly Command[], intent: Intent): string[] {
  const faults: string[] = [];
  for (const [refundId, some] of Map.groupBy(intent.refunds.filter(isPart), (it) => it.refundId)) {
    if (some.length > 1) faults.push(`the part ${refundId} was refunded ${some.length} times`);
  }
  const isOfAll = (it: Command) => bodyOf(it).amount === undefined && bodyOf(it).tickets === undefined;
  if (commands.some((it) => isOfAll(it) && isConfirmed(it)) && !isWhole(intent) && !intent.refunds.some(hasFailed)) {
    faults.push(`all of it was refunded, says the answer, and ${intent.refunded} of ${intent.received} were`);
  }
  const amounts = intent.refunds.filter((it) => isPart(it) && it.ticketId === undefined).map(({ amount }) => amount);
  for (const amount of new Set([...amounts, ...commands.flatMap((it) => bodyOf(it).amount ?? [])])) {
    const asked = commands.filter((it) => bodyOf(it).amount === amount);
    const [confirmed, open] = [asked.filter(isConfirmed).length, asked.filter(isOpen).length];
    const made = amounts.filter((it) => it === amount).length;
    if (made < confirmed || made > confirmed + open) {
      faults.push(`${made} refunds of ${amount} were made, ${confirmed} confirmed, and ${open} got no answer`);
    }
  }
  return faults;
}

/** How refunds of single tickets differ from what was asked for, or is owed because the tickets have ended. */
function unlikeTickets(order: Order, commands: readonly Command[], intent: Intent): string[] {
  return ticketsOf(order).flatMap((ticket) => {
    const asked = commands.filter((it) => bodyOf(it).tickets?.includes(ticket.id));
    const all = intent.refunds.filter((it) => it.ticketId === ticket.id);
    const isDue = ticket.ended !== undefined || asked.some((it) => isConfirmed(it) || isOpen(it));
    const fault = faultOf(ticket, all, asked.length > 0, intent);
    if (all.length > 0 && !isDue) return [`ticket ${ticket.id} was refunded, and nobody asked for it`];
    if (all.length === 0 && asked.some(isConfirmed) && !isWhole(intent) && owedFor(ticket) > 0) {
      return [`ticket ${ticket.id} was refunded, says the answer, and Stripe does not know of it`];
    }
    return fault ? [fault] : [];
  });
}

function faultOf(
  ticket: OrderedTicket,
  all: readonly MadeRefund[],
  wasAsked: boolean,
  intent: Intent,
): string | undefined {
  const { id, price } = ticket;
  // Its seller may have asked before it ended.
  const least = owedFor(ticket);
  const most = wasAsked ? price : least;
  const made = all.filter(isMade);
  if (made.length > 1) return `ticket ${id} was refunded ${made.length} times`;
  for (const { amount } of all) {
    // Less only if less was left.
    if (amount > most || (amount < least && !isWhole(intent) && !intent.refunds.some(hasFailed))) {
      return `ticket ${id} cost ${price}, its buyer is owed ${least}, and ${amount} was refunded for it`;
    }
  }
  return undefined;
}

const isPart = ({ refundId }: MadeRefund): boolean => refundId !== undefined;
const isWhole = ({ refunded, received }: Intent): boolean => refunded >= received;
