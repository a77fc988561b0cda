import fc from 'fast-check';
import { beginning, beginningsOf, hasWords, havingWords, wordsOf } from './words.ts';

describe('the words of a text', () => {
  it.each([
    ['The Magic Flute', ['the', 'magic', 'flute']],
    ['Straße', ['strasse']],
    ['Škoda ČÉŽ', ['skoda', 'cez']],
    ['Ὀδυσσεύς', ['οδυσσευσ']],
    ['İstanbul ISPARTA', ['istanbul', 'isparta']],
    ['ﬁnale Ⅳ ①', ['finale', 'iv', '1']],
    ['what? (a play)', ['what', 'a', 'play']],
    ['one\u3000two\u2009three\u0000four\u00a0five', ['one', 'two', 'three', 'four', 'five']],
    ['\u200fמחזה\u200e ן', ['מחזה', 'ן']],
    ['🎭 night', ['🎭', 'night']],
    ['C++', ['c', '+']],
    ['', []],
    [' .*? \u0000', []],
  ])('%j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are the same in any case and however it is composed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = wordsOf(text);
        expect(wordsOf(text.normalize('NFD'))).toEqual(words);
        expect(wordsOf(text.toUpperCase())).toEqual(words);
        expect(wordsOf(words.join(' '))).toEqual(words);
      }),
    );
  });

  it('hold letters and digits, or one sign, and nothing else, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const others = wordsOf(text).filter((word) => !/^(?:[\p{L}\p{N}]+|\p{S})$/u.test(word));
        expect(others).toEqual([]);
        expect(Object.keys(havingWords(text) ?? { words: {} })).toEqual(['words']);
      }),
    );
  });
});

describe('a search', () => {
  it('asks for a word that begins with each of its words, by ranges alone', () => {
    expect(havingWords('Magic flu')).toEqual({
      words: {
        $all: [
          { $elemMatch: { $gte: 'magic', $lt: 'magic\u{10FFFF}' } },
          { $elemMatch: { $gte: 'flu', $lt: 'flu\u{10FFFF}' } },
        ],
      },
    });
  });

  it.each(['', ' .*? \u0000'])('without a word, such as %j, asks for nothing', (query) => {
    expect(havingWords(query)).toBeNull();
  });
});

describe('a ticket', () => {
  const ticket = { title: 'The Magic Flute', venue: 'Corner*stage' };

  it('is looked up by any beginning of its words, up to six characters, and by nothing', () => {
    expect(beginningsOf(['ox', 'operetta', 'op'])).toEqual(['', 'o', 'ox', 'op', 'ope', 'oper', 'opere', 'operet']);
    expect(['operetta', 'ox', '𝒶𝒷𝒸𝒹𝑒𝒻𝑔'].map(beginning)).toEqual(['operet', 'ox', '𝒶𝒷𝒸𝒹𝑒𝒻']);
  });

  it('has what begins a word of its title or venue', () => {
    for (const words of [[], ['magic'], ['fl', 'the'], ['stage', 'corner', 'm']]) {
      expect([words, hasWords(ticket, words)]).toEqual([words, true]);
    }
    for (const words of [['lute'], ['magic', 'opera'], ['magics'], ['null']]) {
      expect([words, hasWords(ticket, words)]).toEqual([words, false]);
    }
    // Nothing is made up for a venue that is not specified.
    for (const word of ['null', 's', 'w', 'h']) expect(hasWords({ ...ticket, venue: null }, [word])).toBe(false);
  });
});
