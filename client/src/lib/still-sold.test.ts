import type { ListedShow } from '@box-office/common/contracts/shows';
import type { TicketAnswer } from '@box-office/common/contracts/tickets';
import { stillSold } from './still-sold.ts';

const show = (id: string, more: Partial<ListedShow> = {}): ListedShow => ({
  ...{ id, version: 1, userId: 'me', state: 'on-sale', title: `Show ${id}`, venue: { name: 'Arena' }, kinds: [] },
  ...{ timeZone: 'Europe/Rome', startsAt: '2099-06-01T19:00:00.000Z', currency: 'eur' },
  ...more,
});
const ticket = (id: string, more: Partial<TicketAnswer> = {}): TicketAnswer => ({
  ...{ id, version: 1, userId: 'me', state: 'on-sale', title: `Ticket ${id}`, price: 1500, currency: 'eur' },
  ...{ venue: null, startsAt: null, orderId: null },
  ...more,
});

describe('what somebody still sells who deletes their account', () => {
  it('is named, shows first', () => {
    expect(stillSold([show('a'), show('b', { state: 'paused' })], [ticket('c')])).toEqual({
      words: '2 shows to come and 1 ticket on sale',
      first: [
        { path: '/shows/a', title: 'Show a' },
        { path: '/shows/b', title: 'Show b' },
        { path: '/tickets/c', title: 'Ticket c' },
      ],
      more: 0,
    });
  });

  it('is what can have buyers: not what is over, cancelled, sold or withdrawn', () => {
    const shows = [show('a', { over: true }), show('b', { state: 'cancelled' }), show('c', { soldOut: true })];
    const tickets = [
      ticket('d', { over: true }),
      ticket('e', { state: 'sold' }),
      ticket('f', { state: 'withdrawn' }),
      ticket('g', { state: 'reserved' }),
    ];
    expect(stillSold(shows, tickets)).toMatchObject({
      words: '1 show to come and 1 ticket on sale',
      first: [{ title: 'Show c' }, { title: 'Ticket g' }],
    });
    expect(stillSold(shows.slice(0, 2), tickets.slice(0, 3))).toBeNull();
  });

  it('is named as far as five, and the rest is counted', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const tickets = many.map((id) => ticket(id));
    expect(stillSold([], tickets)).toMatchObject({ words: '7 tickets on sale', first: { length: 5 }, more: 2 });
    expect(stillSold([], tickets.slice(0, 5))).toMatchObject({ first: { length: 5 }, more: 0 });
  });

  it('may be more than what was read', () => {
    const over = Array.from({ length: 99 }, (_, index) => show(`over ${index}`, { over: true }));
    expect(stillSold([...over, show('a')], [])).toMatchObject({ words: 'at least 1 show to come', more: 0 });
    expect(stillSold([...over.slice(1), show('a')], [])).toMatchObject({ words: '1 show to come' });
  });
});
