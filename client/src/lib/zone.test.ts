import fc from 'fast-check';
import { clocksKept, instantsAt, isKnownZone, localIn, placeOf } from './zone.ts';

const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
const minuteMs = 60_000;
const anyZone = fc.constantFrom(...zones);
const anyMinute = fc
  .integer({ min: Date.parse('2020-01-01T00:00Z') / minuteMs, max: Date.parse('2040-01-01T00:00Z') / minuteMs })
  .map((minutes) => new Date(minutes * minuteMs).toISOString());

describe('a local time', () => {
  it('converts to an instant and back in every zone, also when it occurs twice', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, instant) => {
        const local = localIn(instant, zone);
        const instants = instantsAt(local, zone) ?? [];
        expect(instants).toContain(instant);
        for (const each of instants) expect(localIn(each, zone)).toBe(local);
      }),
      { numRuns: 500 },
    );
  });

  it('has one, two or no instants, all of which show that time', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, typed) => {
        const local = typed.slice(0, 16);
        const instants = instantsAt(local, zone) ?? [];
        expect(instants.length).toBeLessThanOrEqual(2);
        for (const each of instants) expect(localIn(each, zone)).toBe(local);
        expect(instants).toEqual(instants.toSorted());
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['2027-03-28T02:30', 'Europe/Berlin', []],
    ['2027-03-28T03:00', 'Europe/Berlin', ['2027-03-28T01:00:00.000Z']],
    ['2027-10-31T02:30', 'Europe/Berlin', ['2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z']],
    ['2027-03-14T02:30', 'America/New_York', []],
    ['2027-11-07T01:30', 'America/New_York', ['2027-11-07T05:30:00.000Z', '2027-11-07T06:30:00.000Z']],
    ['2027-04-04T01:45', 'Australia/Lord_Howe', ['2027-04-03T14:45:00.000Z', '2027-04-03T15:15:00.000Z']],
    ['2027-10-03T02:15', 'Australia/Lord_Howe', []],
    ['2011-12-30T12:00', 'Pacific/Apia', []],
    ['2026-11-21T20:00', 'Asia/Kathmandu', ['2026-11-21T14:15:00.000Z']],
    ['2026-11-21T20:00', 'UTC', ['2026-11-21T20:00:00.000Z']],
  ])('%s in %s is %j', (local, zone, instants) => {
    expect(instantsAt(local, zone)).toEqual(instants);
  });

  it.each(['', 'soon', '2026-13-01T00:00', '2027-02-29T20:00', '2027-01-01T24:00', '2027-01-01', '12027-01-01T00:00'])(
    '"%s" is none',
    (local) => {
      expect(instantsAt(local, 'UTC')).toBeUndefined();
    },
  );
});

describe('a zone', () => {
  it('is called after its place, if its name contains one', () => {
    expect(placeOf('Europe/Berlin')).toBe('Berlin');
    expect(placeOf('America/Argentina/Buenos_Aires')).toBe('Buenos Aires');
    expect([placeOf('UTC'), placeOf('Etc/GMT+5')]).toEqual([undefined, undefined]);
  });

  it('may be unknown to an old browser', () => {
    expect([isKnownZone('Europe/Berlin'), isKnownZone('Europe/Atlantis')]).toEqual([true, false]);
  });

  it('takes no more memory, in however many ways its name is spelled', () => {
    const name = 'america/porto_velho';
    isKnownZone(name);
    const before = clocksKept();
    const spellings = Array.from({ length: 2 ** 12 }, (_, bits) =>
      [...name].map((letter, place) => ((bits >> place) & 1 ? letter.toUpperCase() : letter)).join(''),
    );
    expect(new Set(spellings).size).toBeGreaterThan(2_000);
    expect(spellings.every(isKnownZone)).toBe(true);
    expect(clocksKept()).toBe(before);
  });

  it('may be any offset, of which not all are kept', () => {
    const two = (value: number) => `${value}`.padStart(2, '0');
    const offsets = Array.from(
      { length: 24 * 60 },
      (_, minute) => `+${two(Math.floor(minute / 60))}:${two(minute % 60)}`,
    );
    expect(offsets.every(isKnownZone)).toBe(true);
    expect(clocksKept()).toBeLessThanOrEqual(1_000);
    expect(localIn('2026-11-21T20:00:00.000Z', '+23:59')).toBe('2026-11-22T19:59');
  });
});
