import {
  numberIn,
  PartRefund,
  partsAt,
  pendingParts,
  RefusedTicket,
  refundedTickets,
  refundFailedTickets,
  ticketFacts,
} from './part-refund.ts';
import { listed } from './payment-under-test.ts';

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

describe('the parts at Stripe', () => {
  const stored = (id: string, more: object = {}) => ({ ...PartRefund.parse({ ...part, id, made: false }), ...more });
  const first = stored(`ticket:${one}`, { owed: true });
  const amount = stored('r1');
  /** As a payment takes it over that has forgotten it. */
  const takenOver = (id: string, failed = false) => stored(id, { made: true, failed });

  it('are as they are stored if Stripe was not asked, and made or taken back if it says so', () => {
    expect(partsAt([first, amount], undefined)).toEqual([first, amount]);
    expect(partsAt([first, amount], [])).toEqual([first, amount]);
    expect(partsAt([first, amount], listed(['r1']))).toEqual([first, { ...amount, made: true }]);
    expect(partsAt([first], listed([], [first.id]))).toEqual([{ ...first, made: true, failed: true }]);
    expect(pendingParts({ partRefunds: [first, amount], refusedTickets: [] }, listed(['r1']))).toEqual([first]);
  });

  it('include refunds of tickets that a payment from a backup has forgotten, but no amounts', () => {
    expect(partsAt([], listed([`ticket:${one}:2`, 'r1'], [`ticket:${two}`]))).toEqual([
      takenOver(`ticket:${one}:2`),
      takenOver(`ticket:${two}`, true),
    ]);
    const made = { ...first, made: true, failed: true };
    expect(partsAt([made], listed([`ticket:${one}:2`], [first.id]))).toEqual([made, takenOver(`ticket:${one}:2`)]);
  });

  it('do not include what would only repeat such a refund', () => {
    const other = stored(`ticket:${two}`, { owed: true });
    const seen = listed([`ticket:${one}:2`]);
    expect(partsAt([first, other, amount], seen)).toEqual([other, amount, takenOver(`ticket:${one}:2`)]);
    expect(partsAt([{ ...first, owed: false }], seen)).toEqual([takenOver(`ticket:${one}:2`)]);
    expect(pendingParts({ partRefunds: [first, other], refusedTickets: [] }, seen)).toEqual([other]);
  });

  it('include another request of the seller after the bank has taken one back, but none made by itself', () => {
    const seen = listed([], [`ticket:${one}:2`]);
    const wished = { ...first, owed: false };
    expect(partsAt([wished], seen)).toEqual([wished, takenOver(`ticket:${one}:2`, true)]);
    expect(partsAt([first], seen)).toEqual([takenOver(`ticket:${one}:2`, true)]);
  });
});

describe('the number of a refund of a ticket', () => {
  it('stands in its id, but for the first', () => {
    expect([`ticket:${one}`, `ticket:${one}:2`, `ticket:${two}:12`, 'r1'].map(numberIn)).toEqual([1, 2, 12, 1]);
  });
});

describe('what is announced of single tickets', () => {
  const made = PartRefund.parse({ ...part, id: `ticket:${one}` });
  const refused = RefusedTicket.parse({ ticketId: one, amount: 500, final: false });

  it('does not change while a refund is only requested, or was refused to the seller, which nobody announces', () => {
    const nothing = ticketFacts({ partRefunds: [], refusedTickets: [] });
    expect(nothing).toStrictEqual({ refundFailedTickets: [] });
    expect(ticketFacts({ partRefunds: [{ ...made, made: false }], refusedTickets: [] })).toStrictEqual(nothing);
    expect(ticketFacts({ partRefunds: [], refusedTickets: [refused] })).toStrictEqual(nothing);
  });

  it('is which were refunded, and that the refund of none has failed, or of none any more', () => {
    expect(ticketFacts({ partRefunds: [made], refusedTickets: [] })).toStrictEqual({
      refundedTickets: [one],
      refundFailedTickets: [],
    });
    // Refused during a dispute that is won by now, and requested again.
    const again = { ...made, id: `ticket:${one}:2`, made: false };
    expect(ticketFacts({ partRefunds: [again], refusedTickets: [refused] })).toStrictEqual({ refundFailedTickets: [] });
  });

  it('is which have failed', () => {
    const final = { ...refused, final: true };
    expect(ticketFacts({ partRefunds: [], refusedTickets: [final] })).toStrictEqual({ refundFailedTickets: [one] });
  });
});
