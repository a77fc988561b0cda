const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Marks, embeddings, overrides and isolates (Unicode Standard Annex #9). */
const controls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * What somebody has written, as part of a sentence: in a right-to-left script it would otherwise move the words and the
 * punctuation around it. Isolates work in subjects and plain text as well as in HTML.
 */
export function isolated(text: string): string {
  const plain = text.replaceAll(controls, '');
  return rightToLeft.test(plain) ? `\u2068${plain}\u2069` : plain;
}
