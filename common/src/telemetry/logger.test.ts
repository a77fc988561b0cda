import { createLogger } from './logger.ts';
import { printable } from './printable.ts';

describe('a log line', () => {
  it.each([
    ['an escape sequence', '\u001b]0;owned\u0007\u001b[2J'],
    ['an escape sequence in 8 bits', '\u009b2J'],
    ['line breaks of any kind', 'a\nb\rc\u0085d\u2028e'],
    ['a change of direction', 'a\u202eb\u2066c'],
    ['NUL and DEL', '\u0000\u007f'],
  ])('escapes %s, so that a program reads the original text', (_, text) => {
    let written = '';
    const logger = createLogger({ name: 'part', level: 'info' }, (line) => {
      written += line;
    });
    logger.info({ path: text, [text]: 1 }, text);
    expect(written).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+\n$/u);
    expect(JSON.parse(written)).toMatchObject({ msg: text, path: text, [text]: 1 });
  });

  it('keeps visible characters', () => {
    expect(printable('jörg 用户 🎫 "\\')).toBe('jörg 用户 🎫 "\\');
  });
});
