import { numbersIn, rangesOf, withNumbers, withoutNumbers } from './ranges.ts';

const range = (first: number, last: number) => ({ first, last });

describe('ranges of numbers', () => {
  it('are as few as possible, in ascending order, each number once', () => {
    expect(rangesOf([])).toEqual([]);
    expect(rangesOf([10, 9, 2, 100, 11, 2, 3])).toEqual([range(2, 3), range(9, 11), range(100, 100)]);
  });

  it('contain their first and last number', () => {
    expect(numbersIn([range(7, 9), range(2, 2)])).toEqual([7, 8, 9, 2]);
  });

  it('grow and shrink by numbers', () => {
    expect(withNumbers([range(1, 2), range(5, 5)], [4, 3])).toEqual([range(1, 5)]);
    expect(withoutNumbers([range(1, 5)], [3, 9])).toEqual([range(1, 2), range(4, 5)]);
  });
});
