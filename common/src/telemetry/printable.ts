/** What a terminal would act on instead of showing: C0 and C1 controls, DEL, and the marks that turn the direction of a text. */
const notPrintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The same text with everything that a terminal would act on written as `\u001b`, which is also how JSON writes it. Line breaks are written so too. */
export const printable = (text: string): string =>
  text.replace(notPrintable, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
