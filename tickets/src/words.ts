/**
 * The words of a text as people search for them: without case, accents and other marks, each once. A sign such as an emoji is a word of its own;
 * punctuation and blanks of every kind only part words.
 */
export function wordsOf(text: string): string[] {
  // Upper case first: it tells apart what lower case does not, such as ß, which is SS.
  const folded = text.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
  const bare = folded.replace(/[\p{M}\p{Cf}]/gu, '').replaceAll('ς', 'σ');
  return [...new Set(bare.match(/[\p{L}\p{N}]+|\p{S}/gu))];
}

/** The last of all characters, which no word holds: every word that begins with `w` lies between `w` and `w` and this. */
const last = '\u{10FFFF}';

/**
 * What finds the documents whose `words` hold a beginning of every word of a query; null when there is no word to look for.
 * Ranges over an index, and no pattern: what comes from outside is only ever compared, which means the same on every server.
 */
export function havingWords(query: string): object | null {
  const words = wordsOf(query);
  if (words.length === 0) return null;
  return { $and: words.map((word) => ({ words: { $elemMatch: { $gte: word, $lt: `${word}${last}` } } })) };
}
