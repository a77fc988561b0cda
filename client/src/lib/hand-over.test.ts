import { handOverToStore, storedHandOver } from './hand-over.ts';

const now = Date.parse('2027-01-01T12:00:00Z');
const chosen = { next: '/shows/1?a=b', kept: { 'chosen /shows/1': '{}' } };
const stored = handOverToStore(chosen, now);

describe('what one tab hands over to another', () => {
  it('is read as it was stored, for as long as a link in a mail can be used', () => {
    expect(storedHandOver(stored, now)).toEqual(chosen);
    expect(storedHandOver(stored, now + 10 * 60_000 - 1)).toEqual(chosen);
    expect(storedHandOver(stored, now + 10 * 60_000)).toBeUndefined();
    expect(storedHandOver(stored, now - 1)).toBeUndefined();
  });

  it.each([null, '', '{', '7', '{"next":"/"}', '{"next":7,"kept":{},"until":1}'])('is none of %j', (it) => {
    expect(storedHandOver(it, now)).toBeUndefined();
  });

  it('never leads to another site', () => {
    expect(storedHandOver(handOverToStore({ ...chosen, next: '//evil.example' }, now), now)?.next).toBe('/');
  });
});
