import { clockOffsetMs, remainingMs, showRemaining } from './clock.ts';

describe('the time that is left', () => {
  it('follows the server’s clock when ours is wrong', () => {
    const ours = Date.parse('2026-01-01T00:00:00Z');
    const offset = clockOffsetMs('Thu, 01 Jan 2026 01:00:00 GMT', ours, ours + 200);
    expect(offset).toBe(3_600_000 + 400);
    expect(remainingMs('2026-01-01T01:00:10.400Z', ours + (offset ?? 0))).toBe(10_000);
  });

  it.each([null, '', 'yesterday'])('has no offset from the header %j', (date) => {
    expect(clockOffsetMs(date, 0, 0)).toBeUndefined();
  });

  it('is never negative', () => {
    expect(remainingMs('2026-01-01T00:00:00Z', Date.parse('2026-01-02T00:00:00Z'))).toBe(0);
  });

  it.each([
    [900_000, '15:00'],
    [899_001, '15:00'],
    [61_000, '1:01'],
    [1, '0:01'],
    [0, '0:00'],
    [3_661_000, '1:01:01'],
  ])('%d ms is shown as %s', (ms, shown) => {
    expect(showRemaining(ms)).toBe(shown);
  });
});
