/** What a terminal interprets instead of showing: C0 and C1 controls, DEL, and marks that change the text direction. */
const notPrintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text with everything that a terminal would interpret escaped as in JSON (`\u001b`), including line breaks. */
export const printable = (text: string): string =>
  text.replace(notPrintable, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
