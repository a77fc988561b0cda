import type { NumberRange } from '@box-office/common/contracts/shows';

export const numbersIn = (ranges: readonly NumberRange[]): number[] =>
  ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));

/** The numbers as ranges in ascending order, as few as possible. */
export function rangesOf(numbers: Iterable<number>): NumberRange[] {
  const ranges: { first: number; last: number }[] = [];
  for (const number of [...new Set(numbers)].sort((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range && range.last + 1 === number) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}

export const withNumbers = (ranges: readonly NumberRange[], more: readonly number[]): NumberRange[] =>
  rangesOf([...numbersIn(ranges), ...more]);

export const withoutNumbers = (ranges: readonly NumberRange[], fewer: readonly number[]): NumberRange[] =>
  rangesOf(new Set(numbersIn(ranges)).difference(new Set(fewer)));
