import { PartRefund, RefusedTicket, refundedTickets, refundFailedTickets } from './part-refund.ts';

const [one, two] = ['1'.repeat(24), 'a2'.repeat(12)];
const part = { id: 'r1', amount: 500, made: true };

describe('a refund of a part that an earlier release has stored', () => {
  it.each([
    [`ticket:${one}`, one],
    [`ticket:${two}:2`, two],
    [`ticket:${one}:12`, one],
    // As a request names an amount, and what is no id of a ticket.
    ['r1', null],
    [one, null],
    [`my-ticket:${one}`, null],
    [`ticket:${one}:x`, null],
    [`ticket:${one}:`, null],
    [`ticket:${one}2`, null],
    ['ticket:1', null],
    [`ticket:${'x'.repeat(24)}`, null],
  ])('with the id %s is for the ticket %s', (id, ticketId) => {
    expect(PartRefund.parse({ ...part, id }).ticketId).toBe(ticketId);
  });

  it('is for the ticket that it names', () => {
    expect(PartRefund.parse({ ...part, id: `ticket:${one}`, ticketId: two }).ticketId).toBe(two);
  });
});

describe('the tickets whose money went back, or did not', () => {
  const amount = { ...part, ticketId: null, owed: false, failed: false, postponed: 0 };
  const failed = { ...amount, failed: true };

  it('are none of an amount that was for none in particular', () => {
    expect(refundedTickets({ partRefunds: [amount], refusedTickets: [] })).toEqual([]);
    expect(refundFailedTickets({ partRefunds: [failed], refusedTickets: [] })).toEqual([]);
  });

  it('are each named once', () => {
    const refused = RefusedTicket.parse({ ticketId: one, amount: 500, final: true });
    const partRefunds = [{ ...failed, ticketId: one }];
    expect(refundFailedTickets({ partRefunds, refusedTickets: [refused, { ...refused, amount: 400 }] })).toEqual([one]);
    const other = { ...refused, ticketId: two };
    expect(refundFailedTickets({ partRefunds, refusedTickets: [other] })).toEqual([one, two]);
  });
});
