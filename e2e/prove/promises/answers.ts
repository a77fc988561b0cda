import type { NewOrder } from '@box-office/common/contracts/orders';
import type { Evidence } from '../evidence.ts';
import type { Command } from '../history.ts';
import { idsOf, type Verdict, verdict } from './verdict.ts';
import { orderFor } from './waiting-line.ts';

export function answers({ commands, orders, tickets, shows, entries }: Evidence): Verdict {
  return verdict('I6', 'a 2xx took effect, a 4xx left no trace, a missing answer did all or nothing', (violated) => {
    const orderOf = new Map(orders.map((order) => [order.id, order]));
    const ticketOf = new Map(tickets.map((ticket) => [ticket.id, ticket]));

    const listing = commands.filter(
      ({ method, path }) => method === 'POST' && (path === '/api/tickets' || path === '/api/shows'),
    );
    const byTitle = Map.groupBy([...tickets, ...shows], ({ title }) => title);
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
    // Nobody asks for an order that is made for who waits; I18 is about those.
    const made = new Set(entries.map(orderFor));
    const bought = orders.filter(({ id }) => !made.has(id));
    const byBuyer = Map.groupBy(bought, ({ userId, showId, ticket }) => `${userId}/${showId ?? ticket.id}`);
    const wanted = Map.groupBy(ordering, ({ userId, body }) => {
      const { showId, ticketId } = body as NewOrder;
      return `${userId}/${showId ?? ticketId}`;
    });
    for (const [who, made] of byBuyer) {
      if (!wanted.has(who)) violated(`nobody asked for orders ${idsOf(made)}`);
    }
    for (const [who, asked] of wanted) countMade(who, idsOf(byBuyer.get(who) ?? []), asked, violated);

    const known = new Map(entries.map((entry) => [entry.id, entry]));
    for (const { method, path, answer } of commands.filter((it) => it.path.startsWith('/api/waiting-list'))) {
      if (!answer || answer.status >= 300) continue;
      const id = method === 'POST' ? (answer.body as { id: string }).id : (path.split('/')[3] ?? '');
      const state = known.get(id)?.state ?? 'not there';
      const isRight = method === 'POST' ? known.has(id) : state !== 'waiting';
      if (!isRight) violated(`${method} ${path} was answered ${answer.status}, and entry ${id} is ${state}`);
    }

    for (const { answer, leaves = {}, method, path } of commands) {
      if (!answer || answer.status >= 300) continue;
      const id = path.split('/')[3] ?? '';
      for (const [field, before] of Object.entries(leaves)) {
        const after = (answer.body as Record<string, unknown>)[field];
        if (after !== before) violated(`${method} ${path} did not name ${field} and made it ${after} from ${before}`);
      }
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
  });
}

/**
 * Each 2xx created the one thing it named; each command without an answer created one or none; every other command
 * none.
 */
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
