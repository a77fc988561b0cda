import { boundsOf, daysIn } from './days.ts';

describe('the days of a list', () => {
  it.each([
    ['a day', '2027-06-01', '2027-06-01', 'UTC', '2027-06-01T00:00:00.000Z', '2027-06-02T00:00:00.000Z'],
    [
      'days in a zone',
      '2027-06-01',
      '2027-06-30',
      'Europe/Berlin',
      '2027-05-31T22:00:00.000Z',
      '2027-06-30T22:00:00.000Z',
    ],
    ['the end of a year', '2027-12-31', '2027-12-31', 'UTC', '2027-12-31T00:00:00.000Z', '2028-01-01T00:00:00.000Z'],
    // The clocks go from 23:59:59 on the 23rd to 01:00 on the 24th.
    ['a day without midnight', '2026-04-24', undefined, 'Africa/Cairo', '2026-04-23T22:00:00.000Z', undefined],
    ['only a first day', '2027-06-01', undefined, 'UTC', '2027-06-01T00:00:00.000Z', undefined],
    ['only a last day', undefined, '2027-06-01', 'UTC', undefined, '2027-06-02T00:00:00.000Z'],
    ['a zone that nobody knows', '2027-06-01', undefined, 'Europe/Atlantis', '2027-06-01T00:00:00.000Z', undefined],
  ])('may be %s', (_, first, last, zone, from, to) => {
    expect(boundsOf(daysIn(first, last, zone))).toEqual({ ...(from ? { from } : {}), ...(to ? { to } : {}) });
  });

  it.each(['', 'abc', '2027-02-30', '2027-6-1', '0000-01-01', '9999-12-31', '2027-06-01T00:00', '1e3'])(
    'are not limited by "%s"',
    (typed) => {
      expect(daysIn(typed, typed, undefined)).toEqual({ zone: 'UTC' });
    },
  );
});
