import { eventually } from '@box-office/common/testing/eventually';
import type { Person, Shop } from './shop.ts';

/** A page, and the user it is meant for. */
export type MeantFor = readonly [path: string, as: Pick<Person, 'cookie'> | null];

/** Every page of the shop, with something on each. */
export async function everyPage(shop: Shop, seller: Person, buyer: Person): Promise<readonly MeantFor[]> {
  const guest = await shop.guest(`${'longestname'.repeat(5)}@example.com`);
  const [ticket, held, free] = await Promise.all([
    shop.sell(seller, { title: 'Hamlet', venue: 'Globe Theatre' }),
    shop.sell(seller, { title: 'La Traviata', venue: 'Opera House' }),
    shop.sell(seller, { title: 'Poetry slam', price: 0 }),
  ]);
  const show = await shop.announce(seller, {
    title: 'Die Zauberflöte',
    kinds: [
      { name: 'Stalls', price: 8900, quantity: 20, maxPerOrder: 6 },
      { name: 'Students', price: 0, quantity: 5, salesFrom: '2098-01-01T10:00:00Z' },
      { name: 'Boxes', price: 12_000, quantity: 3, seats: ['Box 1', 'Box 2', 'Box 3'] },
    ],
  });
  await Promise.all([shop.known(held), shop.known(free)]);
  const { body: order } = await buyer.call('POST', '/api/orders', { ticketId: held.id });
  const { body: complete } = await buyer.call('POST', '/api/orders', { ticketId: free.id });
  const stalls = { showId: show.id, lines: [{ kindId: show.kinds[0]?.id, quantity: 2 }] };
  const ofGuest = await eventually(async () => {
    const { status, body: made } = await guest.call('POST', '/api/orders', stalls);
    if (status !== 201) throw new Error(`orders has not heard of the show yet: ${made.code}`);
    return made;
  });
  return [
    ['/', null],
    ['/?q=nothing+like+it', null],
    ['/signin', null],
    ['/signup', null],
    ['/forgot', null],
    ['/link', null],
    ['/link?purpose=verify&token=abc', null],
    ['/link?purpose=reset&token=abc', null],
    ['/open/failed?why=old', null],
    ['/open/failed?why=later', null],
    ['/open/failed?why=signed-in', buyer],
    ['/tickets/new', seller],
    [`/tickets/${ticket.id}`, null],
    [`/tickets/${ticket.id}`, seller],
    [`/tickets/${ticket.id}`, buyer],
    [`/tickets/${ticket.id}/edit`, seller],
    [`/tickets/${held.id}`, seller],
    ['/orders', buyer],
    [`/orders/${order.id}`, buyer],
    [`/orders/${complete.id}`, buyer],
    ['/waiting-list', buyer],
    ['/orders', guest],
    [`/orders/${ofGuest.id}`, guest],
    ['/signin', guest],
    ['/account', buyer],
    ['/account', guest],
    ['/sales', seller],
    [`/sales/${complete.id}`, seller],
    ['/shows', null],
    ['/shows?q=nothing+like+it', null],
    ['/shows?from=2099-06-01&to=2099-06-30&zone=Europe%2FBerlin', null],
    ['/shows/new', seller],
    ['/shows/mine', seller],
    ['/shows/mine', buyer],
    [`/shows/${show.id}`, null],
    [`/shows/${show.id}`, guest],
    [`/shows/${show.id}`, seller],
    [`/shows/${show.id}/edit`, seller],
    [`/shows/${show.id}/sales`, seller],
    [`/shows/${show.id}/orders`, seller],
    ['/nothing-here', null],
    ['/api/docs', null],
  ];
}
