import { bytes, clock, duration, inUnit, money, short, span } from './words.ts';

describe('how the console writes', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [49 * 3_600_000, '2 d'],
  ])('an age of %d ms as %s', (ms, text) => expect(span(ms)).toBe(text));

  it.each([
    [0.25, '250 µs'],
    [12.34, '12.3 ms'],
    [999, '999 ms'],
    [1_240, '1.24 s'],
    [65_000, '1 min 5 s'],
    [3_720_000, '1 h 2 min'],
  ])('a duration of %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [5998, 'eur', '€59.98'],
    [1500, 'jpy', '¥1,500'],
    [1500, 'not a currency', '1,500 not a currency'],
  ])('%d %s as %s', (amount, currency, text) => expect(money(amount, currency)).toBe(text));

  it.each([
    [999, '999 B'],
    [1_830_221, '1.83 MB'],
  ])('%d bytes as %s', (count, text) => expect(bytes(count)).toBe(text));

  it('a rate with three digits at most', () => expect(inUnit(12.3456, 'per-second')).toBe('12.3/s'));

  it('a long id by its end', () => {
    expect(short('66f1c0ffee6924934787e7b7')).toBe('…87e7b7');
    expect(short('orders-1')).toBe('orders-1');
  });

  it('the day of a time that is not today', () => {
    const noon = new Date(2026, 4, 3, 12, 0, 5).getTime();
    expect(clock(noon, noon + 1_000)).toBe('12:00:05');
    expect(clock(noon, noon + 24 * 3_600_000)).toBe('3 May 12:00:05');
  });
});
