import { hasBegun } from '@box-office/common/contracts/begun';
import { order, orderOf, ticketOf } from './order-under-test.ts';
import { placeOfOrder, showsOf } from './place.ts';

const bought = { venue: 'Globe Theatre', startsAt: '2027-01-01T19:00:00.000Z', timeZone: 'Europe/London' };
const { ticket } = order();
const forShow = orderOf([ticketOf()], { ticket: { ...ticket, ...bought } });
const moved = {
  venue: { name: 'Swan Theatre', address: 'Waterside, Stratford' },
  startsAt: '2027-06-01T18:30:00.000Z',
  endsAt: '2027-06-01T21:00:00.000Z',
  timeZone: 'Europe/Berlin',
};

describe('the place of an order', () => {
  it('is that of the show as it is now', () => {
    expect(placeOfOrder(forShow, moved)).toEqual({ ...moved, venue: 'Swan Theatre' });
  });

  it('has no end if the show has none', () => {
    const { endsAt: _, ...endless } = moved;
    expect(placeOfOrder(forShow, endless).endsAt).toBeNull();
  });

  it('is what the order says while the show is unavailable', () => {
    expect(placeOfOrder(forShow, null)).toEqual({ ...bought, endsAt: null });
  });

  it('is that of a single ticket as it is now, which need not have one', () => {
    const listed = { venue: 'Arena', startsAt: null };
    expect(placeOfOrder(order(), listed)).toEqual({ ...listed, endsAt: null, timeZone: undefined });
    const nowhere = { venue: null, startsAt: null };
    expect(placeOfOrder(forShow, nowhere)).toEqual({ ...nowhere, endsAt: null, timeZone: undefined });
  });

  it('may be unknown', () => {
    const unknown = { venue: null, startsAt: null, endsAt: null, timeZone: 'Europe/Berlin' };
    expect(placeOfOrder(order(), null)).toEqual(unknown);
  });

  it('of a postponed show has not begun at its first start, after which its tickets can still be offered', () => {
    const afterFirst = new Date('2027-01-02T00:00:00.000Z');
    expect(hasBegun(placeOfOrder(forShow, moved), afterFirst)).toBe(false);
    expect(hasBegun(placeOfOrder(forShow, null), afterFirst)).toBe(true);
  });
});

describe('the shows of a list of orders', () => {
  it('are named once each', () => {
    const other = 'e'.repeat(24);
    const orders = [forShow, order(), { ...forShow, showId: other }, forShow];
    expect(showsOf(orders)).toEqual([forShow.showId, other]);
  });
});
