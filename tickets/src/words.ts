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

/** The highest code point, which no word contains: every word that begins with `w` sorts between `w` and `w + last`. */
const last = '\u{10FFFF}';

/**
 * A filter for documents with a word that begins with `w`, for every word `w` of the query; null if the query contains
 * no word. It uses index ranges rather than patterns, so that user input is only ever compared, never interpreted.
 */
export function havingWords(query: string): object | null {
  const words = wordsOf(query);
  if (words.length === 0) return null;
  return { $and: words.map((word) => ({ words: { $elemMatch: { $gte: word, $lt: `${word}${last}` } } })) };
}
