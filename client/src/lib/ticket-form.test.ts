import { readTicket } from './ticket-form.ts';

const typed = { title: 'Opera', price: '19.99', currency: 'eur', venue: '', startsAt: '' };

describe('the sell form', () => {
  it('is read into what the platform takes', () => {
    expect(readTicket({ ...typed, title: '  Opera ', venue: ' Scala ' })).toEqual({
      details: { title: 'Opera', price: 1999, currency: 'eur', venue: 'Scala', startsAt: null, timeZone: null },
    });
  });

  it('takes a venue of spaces for none', () => {
    expect(readTicket({ ...typed, venue: '  ' })).toMatchObject({ details: { venue: null } });
  });

  it('has every fault told at once, beside its field', () => {
    const read = readTicket({ title: ' ', price: '', currency: 'eur', venue: 'x'.repeat(201), startsAt: 'soon' });
    expect(read).toEqual({
      faults: {
        fields: {
          title: 'Must not be empty.',
          price: 'Write a price.',
          venue: 'Must be at most 200 characters.',
          startsAt: expect.stringContaining('day and a time'),
        },
      },
    });
  });

  it.each([
    ['0', 'eur', /at least €0\.50/],
    ['0.49', 'eur', /at least €0\.50/],
    ['49', 'jpy', /at least ¥50/],
    ['14.99', 'czk', /at least CZK.15\.00/],
    ['1.999', 'eur', /two decimals/],
    ['1000000.00', 'eur', /at most €999,999\.99/],
    ['15.50', 'jpy', /without decimals/],
    ['free', 'eur', /like 19.99/],
  ])('refuses the price %s %s', (price, currency, words) => {
    expect(readTicket({ ...typed, price, currency })).toEqual({
      faults: { fields: { price: expect.stringMatching(words) } },
    });
  });
});
