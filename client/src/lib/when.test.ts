import { showDay, showThere } from './when.ts';

describe('when it starts', () => {
  it.each([
    ['2026-11-21T19:00:00.000Z', 'Europe/Berlin', 'Sat, 21 Nov 2026, 20:00, Berlin time (GMT+1)'],
    ['2027-07-01T18:00:00.000Z', 'Europe/Berlin', 'Thu, 1 Jul 2027, 20:00, Berlin time (GMT+2)'],
    ['2026-11-21T19:00:00.000Z', 'America/New_York', 'Sat, 21 Nov 2026, 14:00, New York time (GMT-5)'],
    ['2026-11-21T19:00:00.000Z', 'Asia/Kathmandu', 'Sun, 22 Nov 2026, 00:45, Kathmandu time (GMT+5:45)'],
    ['2026-11-21T19:00:00.000Z', 'Europe/London', 'Sat, 21 Nov 2026, 19:00, London time (GMT)'],
    ['2026-11-21T19:00:00.000Z', 'Etc/GMT+5', 'Sat, 21 Nov 2026, 14:00, GMT-5'],
    ['2026-11-21T19:00:00.000Z', 'UTC', 'Sat, 21 Nov 2026, 19:00, UTC'],
    ['2026-11-21T19:00:00.000Z', undefined, 'Sat, 21 Nov 2026, 19:00, UTC'],
    ['2026-11-21T19:00:00.000Z', 'Europe/Atlantis', 'Sat, 21 Nov 2026, 19:00, UTC'],
  ])('%s in %s is shown in local time there, with the name of the zone', (instant, zone, words) => {
    expect(showThere(instant, zone)).toBe(words);
  });
});

describe('a day of sales', () => {
  it('is shown with its weekday', () => {
    expect(showDay('2026-11-21')).toBe('Sat, 21 Nov 2026');
  });
});
