/**
 * The distinct words of a text for searching, without case, accents and other marks. A symbol such as an emoji is a
 * word of its own; punctuation and whitespace only separate words.
 */
export function wordsOf(text: string): string[] {
  // Upper case first, because it expands characters that lower case leaves alone, such as ß to SS.
  const folded = text.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
  const bare = folded.replace(/[\p{M}\p{Cf}]/gu, '').replaceAll('ς', 'σ');
  return [...new Set(bare.match(/[\p{L}\p{N}]+|\p{S}/gu))];
}

/** The longest beginning of a word that is in the index of tickets, in characters. */
const indexedLength = 6;

/** The part of a word that tickets are looked up by. */
export const beginning = (word: string): string => [...word].slice(0, indexedLength).join('');

/** Every text that `beginning` makes of a word that one of these begins with, and the empty one. */
export const beginningsOf = (words: readonly string[]): string[] => [
  ...new Set([
    '',
    ...words.flatMap((word) => {
      const characters = [...beginning(word)];
      return characters.map((_, index) => characters.slice(0, index + 1).join(''));
    }),
  ]),
];

interface Named {
  readonly title: string;
  readonly venue: string | null;
}

/** The words by which a ticket is found. */
export const namesOf = ({ title, venue }: Named): string[] => wordsOf(`${title} ${venue ?? ''}`);

/** Whether each of the words is the beginning of one of the ticket's. */
export function hasWords(ticket: Named, words: readonly string[]): boolean {
  const names = namesOf(ticket);
  return words.every((word) => names.some((name) => name.startsWith(word)));
}

/** The highest code point, which no word contains: every word that begins with `w` sorts between `w` and `w + last`. */
const last = '\u{10FFFF}';

/**
 * A filter for documents with a word that begins with `w`, for every word `w` of the query; null if the query contains
 * no word. It uses index ranges rather than patterns, so that user input is only ever compared, never interpreted.
 */
export function havingWords(query: string): object | null {
  const words = wordsOf(query);
  if (words.length === 0) return null;
  return { words: { $all: words.map((word) => ({ $elemMatch: { $gte: word, $lt: `${word}${last}` } })) } };
}
