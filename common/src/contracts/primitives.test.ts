import fc from 'fast-check';
import { Instant, NewInstant, TimeZone } from './primitives.ts';

describe('an instant', () => {
  it.each([
    ['2027-01-01T20:00:00Z', '2027-01-01T20:00:00.000Z'],
    ['2027-01-01T20:00:00+01:00', '2027-01-01T19:00:00.000Z'],
    ['2026-12-31T23:30:00-05:45', '2027-01-01T05:15:00.000Z'],
    ['2027-01-01T20:00:00.123456Z', '2027-01-01T20:00:00.123Z'],
  ])('%s is kept in UTC with milliseconds', (sent, kept) => {
    expect(NewInstant.parse(sent)).toBe(kept);
    expect(Instant.parse(sent)).toBe(kept);
  });

  it.each([
    'tomorrow',
    '2027-01-01',
    '2027-01-01T20:00:00',
    '2027-02-29T20:00:00Z',
    '2027-01-01T24:00:00Z',
    '2026-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-12:00',
    '+012027-01-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',
  ])('%s is refused', (sent) => {
    expect(NewInstant.safeParse(sent).success).toBe(false);
  });

  it('that was stored before there were bounds can be read', () => {
    expect(Instant.parse('0000-01-01T00:00:00Z')).toBe('0000-01-01T00:00:00.000Z');
    expect(Instant.parse('9999-12-31T23:59:59-12:00')).toBe('9999-12-31T23:59:59-12:00');
  });

  it('stays the same moment, and is kept the same however often it is read', () => {
    const anyOffset = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 14 }),
      fc.integer({ max: 59, min: 0 }),
    );
    const anyLocal = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(anyLocal, anyOffset, (local, [sign, hours, minutes]) => {
        const two = (value: number) => `${value}`.padStart(2, '0');
        const sent = local.toISOString().replace('Z', `${sign}${two(hours)}:${two(minutes)}`);
        const kept = NewInstant.parse(sent);
        expect(Date.parse(kept)).toBe(Date.parse(sent));
        expect(Instant.parse(kept)).toBe(kept);
      }),
    );
  });
});

describe('a time zone', () => {
  it.each([...Intl.supportedValuesOf('timeZone'), 'UTC', 'Asia/Kolkata', 'Europe/Kyiv'])('%s is one', (name) => {
    expect(TimeZone.parse(name)).toBe(name);
  });

  it.each(['', ' ', 'Berlin', 'Europe/Atlantis', '+01:00', '-0800', 'Europe/Berlin\u0000', `Europe/${'x'.repeat(80)}`])(
    '"%s" is none',
    (name) => {
      expect(TimeZone.safeParse(name).success).toBe(false);
    },
  );
});
