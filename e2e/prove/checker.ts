import { isDeepStrictEqual } from 'node:util';
import type { Order } from '@box-office/common/contracts/orders';
import type { Evidence } from './evidence.ts';
import type { Away } from './faults.ts';
import type { Command } from './history.ts';
import type { Announcement } from './observer.ts';

export interface Verdict {
  readonly invariant: string;
  /** What must hold. */
  readonly promise: string;
  /** How many things were looked at. An invariant that looked at nothing has shown nothing. */
  readonly checked: number;
  /** Each with enough to find it again. */
  readonly violations: readonly string[];
}

/** How long after its deadline an order may at most end, in ms, not counting the time in which the broker or the database was away: nobody can end anything then. */
const lateAtMostMs = 60_000;

/** Judges a run that has come to rest. Looks at the evidence alone, so that the same evidence always gets the same verdicts. */
export function check(evidence: Evidence): Verdict[] {
  return [
    oneHolder(evidence),
    announcedAndCopied(evidence),
    money(evidence),
    neverBack(evidence),
    final(evidence),
    answers(evidence),
    nobodyDied(evidence),
    refused(evidence),
  ];
}

function verdict(invariant: string, promise: string, look: (violated: (what: string) => void) => number): Verdict {
  const violations: string[] = [];
  const checked = look((what) => void violations.push(what));
  return { invariant, promise, checked, violations };
}

function oneHolder({ orders, announcements }: Evidence): Verdict {
  return verdict('I1', 'never two live orders for one ticket', (violated) => {
    const made = timesOf(announcements, 'order.created');
    const ended = timesOf(announcements, 'order.cancelled');
    const byTicket = Map.groupBy(orders, ({ ticket }) => ticket.id);
    for (const [ticketId, all] of byTicket) {
      const attempts = all.toSorted((a, b) => a.attempt - b.attempt);
      const live = attempts.filter(({ status }) => status !== 'cancelled');
      if (live.length > 1) violated(`ticket ${ticketId} is held by orders ${idsOf(live)}`);
      for (const [place, order] of attempts.entries()) {
        if (order.attempt !== place + 1)
          violated(`order ${order.id} is attempt ${order.attempt} where ${place + 1} was due`);
        const before = attempts[place - 1];
        if (!before) continue;
        const endedAt = ended.get(before.id);
        const madeAt = made.get(order.id);
        // Both are the clock's of one machine, taken before each write: the earlier order's end was written before the later one was decided.
        if (endedAt !== undefined && madeAt !== undefined && madeAt < endedAt - clockGrainMs) {
          violated(
            `order ${order.id} for ticket ${ticketId} was made ${endedAt - madeAt} ms before ${before.id} had ended`,
          );
        }
      }
    }
    return byTicket.size;
  });
}

/** Two processes read the clock at different moments of their work. */
const clockGrainMs = 50;

function timesOf(announcements: readonly Announcement[], type: string): Map<string, number> {
  return new Map(announcements.filter((it) => it.type === type).map(({ id, timeMs }) => [id, timeMs]));
}

function announcedAndCopied(evidence: Evidence): Verdict {
  const { announcements, streamsLost, unannounced, knownTickets, payableOrders, tickets, orders, payments } = evidence;
  return verdict('I2', 'every version was announced, and every copy equals its owner’s state', (violated) => {
    let checked = 0;
    for (const document of unannounced) violated(`${document} still waits to be announced`);

    const seen = new Set(announcements.map(({ owner, id, version }) => `${owner}/${id}/${version}`));
    for (const [owner, all] of Object.entries({ tickets, orders })) {
      for (const { id, version } of all) {
        // With a stream, what lay in it and had been heard is lost; what is announced again is the latest.
        for (let each = streamsLost ? version : 0; each <= version; each++) {
          checked++;
          if (!seen.has(`${owner}/${id}/${each}`)) violated(`version ${each} of ${owner}/${id} was never announced`);
        }
      }
    }
    // A payment is announced from its authorization on.
    const ends = new Set(
      announcements.filter(({ owner }) => owner === 'payments').map(({ id, type }) => `${id}/${type}`),
    );
    for (const { id, status } of payments) {
      if (status === 'pending') continue;
      checked++;
      if (!ends.has(`${id}/payment.${status}`)) violated(`payment ${id} is ${status}, which was never announced`);
    }

    checked += compareCopies('orders’ copy of ticket', tickets, knownTickets, violated);
    checked += compareCopies('payments’ copy of order', orders, payableOrders, violated);
    return checked;
  });
}

function compareCopies(
  name: string,
  owners: readonly { id: string; version: number }[],
  copies: readonly unknown[],
  violated: (what: string) => void,
): number {
  const byId = new Map((copies as readonly { id: string; version: number }[]).map((copy) => [copy.id, copy]));
  for (const owner of owners) {
    const copy = byId.get(owner.id);
    byId.delete(owner.id);
    if (!copy) violated(`${name} ${owner.id} is missing`);
    else if (!isDeepStrictEqual(plain(copy), plain(owner))) {
      violated(`${name} ${owner.id} is ${JSON.stringify(copy)}, and its owner says ${JSON.stringify(owner)}`);
    }
  }
  for (const id of byId.keys()) violated(`${name} ${id} is of something that its owner does not have`);
  return owners.length;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function money({ orders, intents, payments }: Evidence): Verdict {
  return verdict('I3', 'money was taken for complete orders, once, and for nothing else', (violated) => {
    const orderOf = new Map(orders.map((order) => [order.id, order]));
    const paymentOf = new Map(payments.map((payment) => [payment.id, payment]));
    const taken = Map.groupBy(
      intents.filter(({ received, refunded }) => received > refunded),
      ({ orderId }) => orderId,
    );
    for (const [orderId, paid] of taken) {
      const order = orderOf.get(orderId);
      const what = `${paid.map(({ id }) => id).join(', ')} of order ${orderId}`;
      if (!order) violated(`${what}: money was taken for an order that does not exist`);
      else if (order.status !== 'complete') violated(`${what}: money was taken, and the order is ${order.status}`);
      if (paid.length > 1) violated(`${what}: money was taken ${paid.length} times`);
      const sum = paid.reduce((total, { received, refunded }) => total + received - refunded, 0);
      if (order && sum !== order.ticket.price)
        violated(`${what}: ${sum} was taken for a price of ${order.ticket.price}`);
    }
    for (const order of orders) {
      const payment = paymentOf.get(order.id);
      if (order.status === 'complete') {
        if (!taken.has(order.id) && payment?.status !== 'refunded')
          violated(`order ${order.id} is complete and unpaid`);
        if (payment?.status !== 'captured' && payment?.status !== 'refunded') {
          violated(`order ${order.id} is complete, and its payment ${payment?.status ?? 'missing'}`);
        }
      } else if (payment?.status === 'captured')
        violated(`order ${order.id} is ${order.status}, and its payment captured`);
    }
    for (const { id, status, orderId } of intents) {
      if (status === 'requires_capture' && orderOf.get(orderId)?.status === 'cancelled') {
        violated(`${id} still holds money for order ${orderId}, which is cancelled`);
      }
    }
    return intents.length + orders.length;
  });
}

function neverBack({ regressions, looks }: Evidence): Verdict {
  return verdict('I4', 'nothing ever went back to an earlier version, and each version has one content', (violated) => {
    for (const what of regressions) violated(what);
    return looks;
  });
}

function final({ orders, tickets, announcements, away }: Evidence): Verdict {
  return verdict(
    'I5',
    'every order has ended in time and for good, and its ticket is sold or on sale again',
    (violated) => {
      const cancelled = timesOf(announcements, 'order.cancelled');
      const completed = timesOf(announcements, 'order.completed');
      const ended = new Map([...cancelled, ...completed]);
      for (const order of orders) {
        if (cancelled.has(order.id) && order.status !== 'cancelled')
          violated(`order ${order.id} was announced as cancelled, and is ${order.status}`);
        if (completed.has(order.id) && order.status !== 'complete')
          violated(`order ${order.id} was announced as complete, and is ${order.status}`);
        if (!isFinal(order)) violated(`order ${order.id} is still ${order.status}`);
        const deadlineMs = Date.parse(order.expiresAt);
        const endedMs = ended.get(order.id) ?? 0;
        const lateMs = endedMs - deadlineMs;
        const awayMs = overlap(away, deadlineMs, endedMs);
        if (lateMs - awayMs > lateAtMostMs) {
          violated(`order ${order.id} ended ${lateMs} ms after its deadline, ${awayMs} ms of it with an engine away`);
        }
        if (order.reason === 'expired' && lateMs < 0 && ended.has(order.id)) {
          violated(`order ${order.id} expired ${-lateMs} ms before its deadline`);
        }
      }
      const last = new Map(orders.toSorted((a, b) => a.attempt - b.attempt).map((order) => [order.ticket.id, order]));
      for (const ticket of tickets) {
        const order = last.get(ticket.id);
        const due = order?.status === 'complete' ? ['sold'] : ['on-sale', 'withdrawn'];
        if (!due.includes(ticket.state)) {
          violated(
            `ticket ${ticket.id} is ${ticket.state}, and its last order ${order?.id} ${order?.status ?? 'not there'}`,
          );
        }
        if (ticket.state === 'sold' && ticket.orderId !== order?.id) {
          violated(
            `ticket ${ticket.id} is sold to order ${ticket.orderId}, and the order that bought it is ${order?.id}`,
          );
        }
      }
      return orders.length + tickets.length;
    },
  );
}

/** How much of a stretch of time is covered by others, which may cover each other. */
function overlap(stretches: readonly Away[], fromMs: number, toMs: number): number {
  let covered = 0;
  let upToMs = fromMs;
  for (const it of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const [begin, end] = [Math.max(it.fromMs, upToMs), Math.min(it.toMs, toMs)];
    if (end <= begin) continue;
    covered += end - begin;
    upToMs = end;
  }
  return covered;
}

const isFinal = ({ status }: Order) => status === 'complete' || status === 'cancelled';

function answers({ commands, orders, tickets }: Evidence): Verdict {
  return verdict(
    'I6',
    'what was answered 2xx is there, 4xx left no trace, no answer did all or nothing',
    (violated) => {
      const orderOf = new Map(orders.map((order) => [order.id, order]));
      const ticketOf = new Map(tickets.map((ticket) => [ticket.id, ticket]));

      const listing = commands.filter(({ method, path }) => method === 'POST' && path === '/api/tickets');
      const byTitle = Map.groupBy(tickets, ({ title }) => title);
      for (const command of listing) {
        const { title } = command.body as { title: string };
        countMade(
          command.key ?? '',
          (byTitle.get(title) ?? []).map(({ id }) => id),
          [command],
          violated,
        );
      }

      const ordering = commands.filter(({ method, path }) => method === 'POST' && path === '/api/orders');
      const byBuyer = Map.groupBy(orders, ({ userId, ticket }) => `${userId}/${ticket.id}`);
      const wanted = Map.groupBy(
        ordering,
        ({ userId, body }) => `${userId}/${(body as { ticketId: string }).ticketId}`,
      );
      for (const [who, made] of byBuyer) {
        if (!wanted.has(who)) violated(`nobody asked for orders ${idsOf(made)}`);
      }
      for (const [who, asked] of wanted) countMade(who, idsOf(byBuyer.get(who) ?? []), asked, violated);

      for (const { answer, method, path } of commands) {
        if (!answer || answer.status >= 300) continue;
        const id = path.split('/')[3] ?? '';
        if (method === 'DELETE' && path.startsWith('/api/orders/') && orderOf.get(id)?.status !== 'cancelled') {
          violated(`${method} ${path} was answered ${answer.status}, and the order is ${orderOf.get(id)?.status}`);
        }
        if (
          method === 'DELETE' &&
          path.startsWith('/api/tickets/') &&
          !['withdrawn', 'sold'].includes(ticketOf.get(id)?.state ?? '')
        ) {
          violated(`${method} ${path} was answered ${answer.status}, and the ticket is ${ticketOf.get(id)?.state}`);
        }
        if (method === 'PUT' && path.startsWith('/api/tickets/')) {
          const { version } = answer.body as { version: number };
          if ((ticketOf.get(id)?.version ?? -1) < version) violated(`${path} forgot its version ${version}`);
        }
      }
      return commands.length;
    },
  );
}

/** Each 2xx made one thing, the one it named; each command without an answer made one or none; each other command none. */
function countMade(
  what: string,
  made: readonly string[],
  commands: readonly Command[],
  violated: (what: string) => void,
): void {
  const named = commands.flatMap(({ answer }) =>
    answer && answer.status < 300 ? [(answer.body as { id: string }).id] : [],
  );
  const silent = commands.filter(({ answer }) => !answer).length;
  for (const id of named) if (!made.includes(id)) violated(`${what}: ${id} was answered 201 and is not there`);
  if (new Set(named).size !== named.length)
    violated(`${what}: two commands were answered with the same id, of ${named}`);
  const extra = made.filter((id) => !named.includes(id));
  if (extra.length > silent) {
    violated(`${what}: ${extra.join(', ')} made by ${silent} commands without an answer and ${commands.length} in all`);
  }
}

function refused({ commands }: Evidence): Verdict {
  return verdict('I8', 'what nobody may do was refused', (violated) => {
    const wrong = commands.filter((command) => command.wrong !== undefined);
    for (const { wrong: why, method, path, answer } of wrong) {
      if (answer && answer.status < 400) violated(`${method} ${path}, ${why}, was answered ${answer.status}`);
    }
    return wrong.length;
  });
}

function nobodyDied({ died }: Evidence): Verdict {
  return verdict('I7', 'no process ended that nobody had ended', (violated) => {
    for (const what of died) violated(what);
    return 1;
  });
}

const idsOf = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);
