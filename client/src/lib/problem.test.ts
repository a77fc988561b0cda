import { faultOf, formFaults } from './problem.ts';

const refused = (errors: { field: string; message: string }[]) =>
  faultOf(400, { title: 'Bad Request', status: 400, code: 'invalid-request', errors });

describe('an error response', () => {
  it('keeps the code and the sentence of a problem', () => {
    const fault = faultOf(409, { title: 'Conflict', status: 409, code: 'ticket-reserved', detail: 'It is reserved.' });
    expect(fault).toEqual({ status: 409, code: 'ticket-reserved', detail: 'It is reserved.', errors: [] });
  });

  it('shows the error id, so that people can report it', () => {
    const fault = faultOf(500, { title: 'Internal Server Error', status: 500, code: 'internal', errorId: 'e-1' });
    expect(fault.detail).toMatch(/our side.*\(error e-1\)/);
  });

  it('keeps which seats are taken', () => {
    const taken = { title: 'Conflict', status: 409, code: 'seat-taken', detail: 'A1 is taken.', seats: ['a'] };
    expect(faultOf(409, taken).seats).toEqual(['a']);
    expect(faultOf(409, { ...taken, seats: 'all' })).toMatchObject({ code: 'seat-taken', detail: 'A1 is taken.' });
  });

  it('keeps how many are left', () => {
    const left = [{ kindId: 'a', left: 2 }];
    const short = { title: 'Conflict', status: 409, code: 'sold-out', detail: 'Only 2 tickets left.', left };
    expect(faultOf(409, short).left).toEqual(left);
    expect(faultOf(409, { ...short, left: 2 })).toMatchObject({ code: 'sold-out', detail: 'Only 2 tickets left.' });
  });

  it.each([
    [404, /does not exist/],
    [429, /Too many requests/],
    [502, /unavailable/],
    [500, /our side/],
    [418, /refused/],
  ])('with status %d that is not a problem has a message of our own', (status, words) => {
    const fault = faultOf(status, 'Bad Gateway');
    expect(fault.code).toBe('unknown');
    expect(fault.detail).toMatch(words);
  });
});

describe('the messages of a form', () => {
  it('are shown beside their fields, the first of each', () => {
    const fault = refused([
      { field: 'title', message: 'must not be empty' },
      { field: 'title', message: 'must be shorter' },
      { field: 'price', message: 'must be at least 1' },
    ]);
    expect(formFaults(fault, ['title', 'price'])).toEqual({
      fields: { title: 'Must not be empty.', price: 'Must be at least 1.' },
    });
  });

  it('are shown for the whole form if it has no such field', () => {
    const fault = refused([{ field: 'colour', message: 'is not known' }]);
    expect(formFaults(fault, ['title'])).toEqual({ fields: {}, message: 'Colour is not known.' });
  });

  it('are shown beside the field that holds what they are about', () => {
    const fault = refused([
      { field: 'kinds.1.price', message: 'must be at least €0.50' },
      { field: 'kinds.0.seats.3', message: 'must not be empty' },
      { field: 'kinds.0.colour', message: 'is not known' },
    ]);
    expect(formFaults(fault, ['kinds.0.seats', 'kinds.0.price', 'kinds.1.price'])).toEqual({
      fields: { 'kinds.1.price': 'Must be at least €0.50.', 'kinds.0.seats': 'Must not be empty.' },
      message: 'Kinds.0.colour is not known.',
    });
  });

  it('are the detail if no field is named', () => {
    const fault = faultOf(401, { title: 'x', status: 401, code: 'invalid-credentials', detail: 'Wrong password.' });
    expect(formFaults(fault, ['email'])).toEqual({ fields: {}, message: 'Wrong password.' });
  });
});
