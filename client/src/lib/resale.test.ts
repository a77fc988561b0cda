import { orderOf, ticketOf } from './order-under-test.ts';
import { offerable, resaleFault } from './resale.ts';

const at = '2027-01-03T12:00:00.000Z';

it('a buyer may offer the tickets that are theirs', () => {
  const tickets = [
    ticketOf({ id: '1'.repeat(24), seat: 'A1' }),
    ticketOf({ id: '2'.repeat(24), seat: 'A2', offeredAt: at }),
    ticketOf({ id: '3'.repeat(24), refundedAt: at }),
    ticketOf({ id: '4'.repeat(24), ended: 'resold' }),
  ];
  expect(offerable(orderOf(tickets))).toEqual([
    { id: '1'.repeat(24), label: 'Stalls, A1', price: 1500, isOffered: false },
    { id: '2'.repeat(24), label: 'Stalls, A2', price: 1500, isOffered: true },
  ]);
  for (const status of ['created', 'awaiting:payment', 'cancelled'] as const) {
    expect(offerable(orderOf(tickets, { status }))).toEqual([]);
  }
});

it('a refusal is explained', () => {
  const fault = { status: 409, code: 'ticket-reserved', detail: 'As the platform says', errors: [] };
  expect(resaleFault(fault)).toMatch(/Somebody is buying it/);
  expect(resaleFault({ ...fault, code: 'not-resellable' })).toBe('As the platform says');
});
