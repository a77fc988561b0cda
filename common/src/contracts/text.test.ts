import fc from 'fast-check';
import { text } from './text.ts';

const title = text(20);
const faults = (value: string) => title.safeParse(value).error?.issues.map(({ message }) => message);

describe('a line of text', () => {
  it.each([
    ['is trimmed', '\u3000 Opera\n', 'Opera'],
    ['is composed, so that what looks alike is alike', 'Cafe\u0301', 'Café'],
    ['keeps what joins and directs its letters', '👩\u200d🚀 \u05d0\u200f', '👩\u200d🚀 \u05d0\u200f'],
    ['may be long in bytes', '🎭'.repeat(10), '🎭'.repeat(10)],
  ])('%s', (_, written, kept) => {
    expect(title.parse(written)).toBe(kept);
  });

  it.each([
    ['nothing', ''],
    ['spaces of all kinds', ' \u00a0\u2009\u3000\t'],
    ['a zero-width space', '\u200b'],
    ['a joiner', '\u200d\u200c'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['fillers of Hangul', '\u3164\u115f\u1160\uffa0'],
    ['a blank Braille cell', '\u2800'],
    ['a word joiner and a variation selector', '\u2060\ufe0f'],
    ['a tag', '\u{e0041}'],
  ])('is empty when it is %s', (_, written) => {
    expect(faults(written)).toContain('must not be empty');
  });

  it.each(['a\0b', 'a\nb', 'a\u001bb', 'a\u0085b', 'a\u2028b', 'a\u007fb'])(
    'has no control characters: %j',
    (written) => {
      expect(faults(written)).toEqual(['must not contain control characters']);
    },
  );

  it.each(['\ud800', 'a\udfffb', '\udc00\ud800'])('has whole characters only: %j', (written) => {
    expect(faults(written)).toContain('must be valid Unicode');
  });

  it('is the same once it has been kept', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (written) => {
        const { success, data } = title.safeParse(written);
        if (success) expect(title.parse(data)).toBe(data);
      }),
    );
  });
});
