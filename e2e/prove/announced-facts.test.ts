import { Ticket } from '@box-office/common/contracts/tickets';
import { factsOf } from './announced-facts.ts';

const ticket = Ticket.parse({
  ...{ id: 'a'.repeat(24), version: 1, title: 'Seat 1', price: 1_500, currency: 'eur', venue: null, startsAt: null },
  ...{ userId: 'b'.repeat(24), orderId: null, state: 'on-sale' },
});

describe('an announcement of a ticket', () => {
  it('is looked at, whether it names a time zone or not', () => {
    const { ticket: facts } = factsOf('ticket.updated', ticket);
    expect(facts).toMatchObject({ state: 'on-sale', orderId: null, details: expect.stringContaining('Seat 1') });
    const inBerlin = factsOf('ticket.updated', { ...ticket, timeZone: 'Europe/Berlin' });
    expect(inBerlin.ticket?.details).not.toBe(facts?.details);
  });

  it('is not looked at if it is none', () => {
    expect(factsOf('ticket.updated', { title: 'Seat 1' })).toEqual({});
  });
});
