import { instantOf, localInputValue, showInstant } from './when.ts';

describe('when it starts', () => {
  it('comes back from the form to the minute', () => {
    const instant = '2026-11-21T20:30:00.000Z';
    expect(instantOf(localInputValue(instant))).toBe(instant);
  });

  it('fits the form', () => {
    expect(localInputValue('2026-01-02T03:04:05.678Z')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
  });

  it.each(['', 'soon', '2026-13-01T00:00'])('"%s" is no time', (local) => {
    expect(instantOf(local)).toBeUndefined();
  });

  it('is shown with its zone where the reader’s is not known', () => {
    expect(showInstant('2026-11-21T20:30:00.000Z', 'UTC')).toMatch(/Sat,? 21 Nov 2026.* 20:30 UTC/);
  });
});
