import type { Sales } from '@box-office/common/contracts/shows';
import { salesCsv } from './sales-csv.ts';

describe('the sales as a table', () => {
  const kind = (name: string, money: number) => ({
    ...{ id: 'a'.repeat(24), name, made: 9, left: 2, reserved: 1, sold: 6, refunded: 3, money },
  });
  const sales: Sales = {
    ...{ showId: 'b'.repeat(24), currency: 'eur', timeZone: 'Europe/Rome' },
    kinds: [kind('Standing', 12_345), kind('Balcony', -5)],
    total: { made: 18, left: 4, reserved: 2, sold: 12, refunded: 6, money: 12_340 },
    days: [
      { day: '2027-01-31', sold: 12, refunded: 0, money: 0 },
      { day: '2027-02-01', sold: 0, refunded: 6, money: -700 },
    ],
  };

  it('have a line for each kind, and one for all', () => {
    expect(salesCsv(sales, 'kind').split('\r\n')).toEqual([
      '"kind","made","reserved","sold","refunded","money","currency"',
      '"Standing",9,1,6,3,123.45,"EUR"',
      '"Balcony",9,1,6,3,-0.05,"EUR"',
      '"Total",18,2,12,6,123.40,"EUR"',
      '',
    ]);
  });

  it('have a line for each day', () => {
    expect(salesCsv(sales, 'day').split('\r\n')).toEqual([
      '"day","sold","refunded","money","currency"',
      '"2027-01-31",12,0,0.00,"EUR"',
      '"2027-02-01",0,6,-7.00,"EUR"',
      '',
    ]);
  });
});

describe('a cell of the table', () => {
  const nameAs = (name: string) => {
    const kind = { id: 'a'.repeat(24), name, made: 0, left: 0, reserved: 0, sold: 0, refunded: 0, money: 0 };
    const sales: Sales = {
      showId: 'b'.repeat(24),
      currency: 'jpy',
      timeZone: 'Asia/Tokyo',
      kinds: [kind],
      total: kind,
      days: [],
    };
    return salesCsv(sales, 'kind')
      .split('\r\n')[1]
      ?.replace(/,0,0,0,0,0,"JPY"$/, '');
  };

  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1+1', `"'-1+1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\tx', `"'\tx"`],
    ['\rx', `"'\rx"`],
    [' =1', `"' =1"`],
    ['\u200b=1', `"'\u200b=1"`],
    ['\uff1d1', `"'\uff1d1"`],
    ['Row 1, "A"', '"Row 1, ""A"""'],
    ['Row;=1+1', '"Row;=1+1"'],
    ['Row\t=1+1', '"Row\t=1+1"'],
    ['Row =1+1', '"Row =1+1"'],
    ['Row - A', '"Row - A"'],
    ['x=1', '"x=1"'],
  ])('is no formula and no other cell: %j', (name, written) => {
    expect(nameAs(name)).toBe(written);
  });
});
