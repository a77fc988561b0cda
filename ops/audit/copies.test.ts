import { withoutHold } from './copies.ts';

it('a copy of a ticket may differ in what becomes of it at its holder’s, which is not announced', () => {
  const own = { id: 'a'.repeat(24), version: 3, title: 'Opera', price: 1500 };
  const listed = { ...own, state: 'on-sale', orderId: null };
  const sold = {
    ...own,
    ...{ state: 'sold', orderId: 'b'.repeat(24), offered: true },
    ...{ refunded: 400, refundedAt: '2027-01-03T12:00:00.000Z', refundFailedAt: '2027-01-04T12:00:00.000Z' },
    dispute: 'open',
  };
  expect(withoutHold(sold, sold)).toEqual(own);
  expect(withoutHold(listed, sold)).toEqual(own);
  expect(withoutHold({ ...listed, title: 'Hamlet' }, sold)).not.toEqual(own);
  expect(withoutHold({ ...listed, state: 'withdrawn' }, listed)).toEqual({ ...own, withdrawn: true });
});
