/** The most seats that a range is written out to, so that a typing error does not fill the memory. */
const mostInRange = 50_000;

/**
 * The labels in a typed list of seats, separated by commas or line ends. `A1..A12` is twelve seats; so is `A1..12`.
 */
export function seatsIn(typed: string): string[] {
  return typed
    .split(/[\n,;]/)
    .map((label) => label.trim())
    .filter((label) => label !== '')
    .flatMap(seatsOf);
}

function seatsOf(label: string): string[] {
  const range = /^(.*?)(\d{1,6})\s*\.\.\s*(.*?)(\d{1,6})$/u.exec(label);
  if (!range) return [label];
  const [, row = '', from = '', again = '', to = ''] = range;
  const [first, last] = [Number(from), Number(to)];
  if ((again !== '' && again !== row) || last < first || last - first >= mostInRange) return [label];
  return Array.from({ length: last - first + 1 }, (_, index) => `${row}${first + index}`);
}
