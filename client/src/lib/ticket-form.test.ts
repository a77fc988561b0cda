import type { Ticket } from '@box-office/common/contracts/tickets';
import { changesTo, readTicket, startHint } from './ticket-form.ts';

const typed = { title: 'Opera', price: '19.99', currency: 'eur', venue: '', startsAt: '', timeZone: 'Europe/Berlin' };
const now = new Date('2027-01-01T12:00:00Z');

describe('the sell form', () => {
  it('is parsed into the body of a request', () => {
    expect(readTicket({ ...typed, title: '  Opera ', venue: ' Scala ' }, now)).toEqual({
      details: { title: 'Opera', price: 1999, currency: 'eur', venue: 'Scala', startsAt: null, timeZone: null },
    });
  });

  it('treats a venue of spaces as none', () => {
    expect(readTicket({ ...typed, venue: '  ' }, now)).toMatchObject({ details: { venue: null } });
  });

  it('reports all faults at once, beside their fields', () => {
    const read = readTicket(
      { title: ' ', price: '', currency: 'eur', venue: 'x'.repeat(201), startsAt: 'soon', timeZone: 'UTC' },
      now,
    );
    expect(read).toEqual({
      faults: {
        fields: {
          title: 'Must not be empty.',
          price: 'Enter a price.',
          venue: 'Must be at most 200 characters.',
          startsAt: expect.stringContaining('day and a time'),
        },
      },
    });
  });

  it('takes 0 as free', () => {
    expect(readTicket({ ...typed, price: '0' }, now)).toMatchObject({ details: { price: 0 } });
  });

  it.each([
    ['0.49', 'eur', /at least €0\.50/],
    ['49', 'jpy', /at least ¥50/],
    ['14.99', 'czk', /at least CZK.15\.00/],
    ['1.999', 'eur', /two decimals/],
    ['1000000.00', 'eur', /at most €999,999\.99/],
    ['1.50', 'isk', /without decimals/],
    ['149', 'isk', /at least ISK.150/],
    ['15.50', 'jpy', /without decimals/],
    ['free', 'eur', /like 19.99/],
  ])('refuses the price %s %s', (price, currency, words) => {
    expect(readTicket({ ...typed, price, currency }, now)).toEqual({
      faults: { fields: { price: expect.stringMatching(words) } },
    });
  });
});

describe('the start', () => {
  const start = (startsAt: string, timeZone = 'Europe/Berlin') => readTicket({ ...typed, startsAt, timeZone }, now);

  it.each([
    ['2027-07-01T20:00', 'Europe/Berlin', '2027-07-01T18:00:00.000Z'],
    ['2027-07-01T20:00', 'America/New_York', '2027-07-02T00:00:00.000Z'],
    ['2027-10-31T02:30', 'Europe/Berlin', '2027-10-31T00:30:00.000Z'],
  ])('%s in %s is %s', (local, timeZone, startsAt) => {
    expect(start(local, timeZone)).toMatchObject({ details: { startsAt, timeZone } });
  });

  it.each([
    ['2027-03-28T02:30', 'Europe/Berlin', /no such time in Berlin/],
    ['2027-01-01T12:59', 'Europe/Berlin', /in the future/],
    ['soon', 'Europe/Berlin', /day and a time/],
    ['2027-07-01T20:00', 'Europe/Atlantis', /time zone/],
  ])('%s in %s is refused with an explanation', (local, timeZone, words) => {
    expect(start(local, timeZone)).toEqual({ faults: { fields: { startsAt: expect.stringMatching(words) } } });
  });

  it('is shown as it is interpreted while it is typed', () => {
    expect(startHint('2027-07-01T20:00', 'Europe/Berlin')).toBe('Thu, 1 Jul 2027, 20:00, Berlin time (GMT+2).');
    expect(startHint('2027-10-31T02:30', 'Europe/Berlin')).toMatch(/02:30, Berlin time \(GMT\+2\)\. .*occurs twice/);
    expect(startHint('', 'Europe/Berlin')).toMatch(/^Optional/);
  });
});

describe('an edit', () => {
  const ticket: Ticket = {
    id: 'a'.repeat(24),
    version: 3,
    title: 'Opera',
    price: 1999,
    currency: 'eur',
    venue: null,
    startsAt: '2026-12-01T19:00:30.000Z',
    timeZone: 'Europe/Berlin',
    userId: 'seller',
    orderId: null,
    state: 'on-sale',
  };
  const edited = (more: Partial<typeof typed>) => {
    const read = readTicket({ ...typed, startsAt: '2026-12-01T20:00', ...more }, now, ticket);
    return 'details' in read ? changesTo(ticket, read.details) : read;
  };

  it('sends only changed fields, and keeps the seconds of an unchanged start', () => {
    expect(edited({})).toEqual({});
    expect(edited({ title: 'Operetta', venue: 'Scala' })).toEqual({ title: 'Operetta', venue: 'Scala' });
    expect(edited({ startsAt: '' })).toEqual({ startsAt: null, timeZone: null });
    const later = { startsAt: '2027-02-01T20:00', timeZone: 'Europe/London' };
    expect(edited(later)).toEqual({ startsAt: '2027-02-01T20:00:00.000Z', timeZone: 'Europe/London' });
  });
});
