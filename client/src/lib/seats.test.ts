import { seatsIn } from './seats.ts';

describe('a typed list of seats', () => {
  it.each([
    ['A1, A2; B1\nB2', ['A1', 'A2', 'B1', 'B2']],
    ['A1..A3', ['A1', 'A2', 'A3']],
    ['Box 2..4, Balcony', ['Box 2', 'Box 3', 'Box 4', 'Balcony']],
    ['9 .. 11', ['9', '10', '11']],
    ['3-12', ['3-12']],
    [' , \n', []],
  ])('%j names %j', (typed, seats) => {
    expect(seatsIn(typed)).toEqual(seats);
  });

  it.each(['A3..A1', 'A1..B3', '1..999999'])('%s is no range', (typed) => {
    expect(seatsIn(typed)).toEqual([typed]);
  });
});
