import type { Route } from '@box-office/common/http/route';
import { apis } from '@box-office/docs/apis';
import { forbidden, type Role } from '../../prove/crowd/forbidden.ts';
import type { Guest } from '../../support/shop.ts';
import { permitted } from '../access.ts';
import type { Attack } from '../attack.ts';
import { identityOf } from '../jwt.ts';
import { eachOf } from '../raw.ts';
import type { Target } from '../target.ts';

interface Try {
  readonly what: string;
  readonly where: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Undefined without a session. Made for each request: an identity ends after a minute. */
  readonly token: () => string | undefined;
  readonly expected: readonly number[];
}

/** Every route as everybody: those who may not use it, through the gateway and straight at the service, are refused. */
export const roles: Attack = {
  name: 'roles',
  promise: 'every route refuses everybody who may not use it, and nothing changes',
  async run(target) {
    const before = await stateOf(target);
    const faults: string[] = [];
    const tries = [...refusedTries(target), ...permittedTries(target)];
    await eachOf(tries, 4, async ({ what, where, method, path, body, token, expected }) => {
      const bearer = token();
      const { status } = await fetch(`${where}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!expected.includes(status)) faults.push(`${what} was answered ${status} by ${where}`);
    });
    const after = await stateOf(target);
    if (after !== before) faults.push(`the sale has changed from ${before} to ${after}`);
    return { tried: tries.length, faults };
  },
};

const peopleOf = ({ deal, stranger, guest }: Target): Partial<Record<Role, Guest>> => ({
  ...{ stranger, guest, seller: deal.seller, buyer: deal.buyer },
});

function refusedTries(target: Target): Try[] {
  const { deal, secrets, servicePorts } = target;
  const people = peopleOf(target);
  const forged = `${identityOf(secrets, deal.buyer.id).slice(0, -8)}AAAAAAAA`;
  return apis.flatMap(({ name, routes }) =>
    forbidden(routes).flatMap((cell) => {
      const person = people[cell.role];
      const common = { what: cell.name, ...cell.request(deal), expected: cell.refusals };
      const token = (its: () => string) => (cell.role === 'nobody' ? () => undefined : its);
      return [
        { ...common, where: target.shop.origin, token: token(() => person?.token ?? 'f'.repeat(43)) },
        {
          ...common,
          where: `http://127.0.0.1:${servicePorts[name]}`,
          token: token(() => (person ? identityOf(secrets, person.id) : forged)),
        },
      ];
    }),
  );
}

/** The reads of those who may, so that a refusal of the others is due to who they are; and what nobody can sign. */
function permittedTries(target: Target): Try[] {
  const { deal, shop } = target;
  const people = peopleOf(target);
  const queries: Readonly<Record<string, string>> = { seats: `?kindId=${deal.kindId}`, sold: `?showId=${deal.showId}` };
  const ids: Readonly<Record<string, string>> = { tickets: deal.ticketId, shows: deal.showId, orders: deal.orderId };
  return apis
    .flatMap(({ routes }) => routes)
    .filter(({ who }) => who !== 'inside')
    .flatMap((route): Try[] => {
      const { method, path: pattern } = route;
      const query = queries[pattern.split('/').at(-1) ?? ''] ?? '';
      const path = `${pattern.replace(/:\w+/, ids[pattern.split('/')[2] ?? ''] ?? deal.orderId)}${query}`;
      const common = { method, path, where: shop.origin };
      // Nobody waits in line, and nothing is sold yet.
      if (method === 'GET' && !['/api/waiting-list/:id', '/api/orders/sold/:id'].includes(pattern))
        return permitted(nameOf(route)).map((role) => ({
          ...{
            ...common,
            what: `${nameOf(route)} as ${role}, who may,`,
            token: () => people[role]?.token,
            expected: [200],
          },
        }));
      if (permitted(nameOf(route)).length > 0) return [];
      return [undefined, ...Object.values(people)].map((person) => ({
        ...{ ...common, what: `${nameOf(route)}, unsigned,`, body: {}, token: () => person?.token, expected: [400] },
      }));
    });
}

const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`;

async function stateOf({ deal, shop }: Target): Promise<string> {
  const [order, ticket, show] = await Promise.all([
    deal.buyer.call('GET', `/api/orders/${deal.orderId}`),
    shop.ask('GET', `/api/tickets/${deal.ticketId}`),
    shop.ask('GET', `/api/shows/${deal.showId}`),
  ]);
  return JSON.stringify([order.body.status, ticket.body, show.body]);
}
