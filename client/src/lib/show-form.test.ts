import type { ListedShow } from '@box-office/common/contracts/shows';
import { changesToShow, readShow, showFaults } from './show-form.ts';

const now = new Date('2027-01-01T12:00:00Z');
const typed = {
  title: ' Hamlet ',
  description: '',
  'venue.name': 'Globe',
  'venue.address': '',
  timeZone: 'Europe/London',
  startsAt: '2027-07-01T20:00',
  endsAt: '',
  currency: 'gbp',
  image: '',
  perPerson: '',
  'kinds.0.name': 'Stalls',
  'kinds.0.price': '12.50',
  'kinds.0.quantity': '100',
};

const read = (more: Record<string, string> = {}, kinds = 1) => {
  const all: Record<string, string> = { ...typed, ...more };
  return readShow((name) => all[name] ?? '', kinds, now);
};

const faultsOf = (more: Record<string, string>, kinds = 1) => {
  const outcome = read(more, kinds);
  return 'faults' in outcome ? outcome.faults.fields : {};
};

describe('the form of a show', () => {
  it('is parsed into the body of a request', () => {
    const stalls = { name: 'Stalls', price: 1250, quantity: 100 };
    const none = { maxPerOrder: null, salesFrom: null, salesUntil: null, seats: null };
    expect(read()).toEqual({
      addSeats: [],
      details: {
        title: 'Hamlet',
        description: null,
        venue: { name: 'Globe', address: null },
        timeZone: 'Europe/London',
        startsAt: '2027-07-01T19:00:00.000Z',
        endsAt: null,
        currency: 'gbp',
        image: null,
        perPerson: null,
        kinds: [{ ...stalls, ...none }],
      },
    });
  });

  it('takes several kinds, limits, times and seats', () => {
    const outcome = read(
      {
        endsAt: '2027-07-01T23:00',
        perPerson: '4',
        'kinds.1.name': 'Box',
        'kinds.1.price': '0',
        'kinds.1.seats': 'A1..A3',
        'kinds.1.maxPerOrder': '2',
        'kinds.1.salesFrom': '2027-02-01T10:00',
        'kinds.1.salesUntil': '2027-06-30T10:00',
      },
      2,
    );
    expect(outcome).toMatchObject({
      details: {
        endsAt: '2027-07-01T22:00:00.000Z',
        perPerson: 4,
        kinds: [
          {},
          {
            price: 0,
            quantity: 3,
            seats: ['A1', 'A2', 'A3'],
            maxPerOrder: 2,
            salesFrom: '2027-02-01T10:00:00.000Z',
            salesUntil: '2027-06-30T09:00:00.000Z',
          },
        ],
      },
    });
  });

  it.each([
    [{ title: '' }, 'title', /not be empty/],
    [{ 'venue.name': ' ' }, 'venue.name', /not be empty/],
    [{ startsAt: '' }, 'startsAt', /day and a time/],
    [{ startsAt: '2026-01-01T20:00' }, 'startsAt', /in the future/],
    [{ endsAt: '2027-07-01T19:00' }, 'endsAt', /after the start/],
    [{ image: 'http://example.com/a.png' }, 'image', /https/],
    [{ perPerson: 'four' }, 'perPerson', /whole number/],
    [{ perPerson: '0' }, 'perPerson', /at least 1/],
    [{ 'kinds.0.name': '' }, 'kinds.0.name', /not be empty/],
    [{ 'kinds.0.price': '' }, 'kinds.0.price', /Enter a price/],
    [{ 'kinds.0.price': '0.29' }, 'kinds.0.price', /at least £0\.30/],
    [{ 'kinds.0.quantity': '' }, 'kinds.0.quantity', /how many/],
    [{ 'kinds.0.quantity': '50001' }, 'kinds.0.quantity', /at most 50000/],
    [{ 'kinds.0.seats': 'A1' }, 'kinds.0.seats', /1 seat\. Name as many/],
    [{ 'kinds.0.seats': 'A1, A1', 'kinds.0.quantity': '2' }, 'kinds.0.seats', /A1 is there twice/],
    [{ 'kinds.0.salesFrom': '2027-07-01T20:00' }, 'kinds.0.salesFrom', /before the start/],
    [{ 'kinds.0.salesUntil': '2027-07-02T20:00' }, 'kinds.0.salesUntil', /before the start/],
    [
      { 'kinds.0.salesFrom': '2027-06-01T20:00', 'kinds.0.salesUntil': '2027-05-01T20:00' },
      'kinds.0.salesUntil',
      /after the sale begins/,
    ],
  ])('with %j has a message beside %s', (more, field, words) => {
    const faults: Record<string, string> = faultsOf(more);
    expect(Object.keys(faults)).toEqual([field]);
    expect(faults[field]).toMatch(words);
  });

  it('reports the faults of all kinds at once', () => {
    expect(Object.keys(faultsOf({ 'kinds.0.price': 'much' }, 2)).toSorted()).toEqual([
      'kinds.0.price',
      'kinds.1.name',
      'kinds.1.price',
      'kinds.1.quantity',
    ]);
  });
});

describe('the edit of a show', () => {
  const kindId = 'b'.repeat(24);
  const show: ListedShow = {
    id: 'a'.repeat(24),
    version: 3,
    userId: 'organiser',
    state: 'on-sale',
    title: 'Hamlet',
    venue: { name: 'Globe' },
    timeZone: 'Europe/London',
    startsAt: '2027-07-01T19:00:30.000Z',
    currency: 'gbp',
    kinds: [
      { id: 'c'.repeat(24), name: 'Stalls', price: 1250, quantity: 100, made: 100 },
      { id: kindId, name: 'Box', price: 4000, quantity: 2, made: 2, seated: true, maxPerOrder: 2 },
    ],
  };
  const box = {
    'kinds.1.name': 'Box',
    'kinds.1.price': '40.00',
    'kinds.1.quantity': '2',
    'kinds.1.maxPerOrder': '2',
  };
  const changes = (more: Record<string, string>, known = show) => {
    const all: Record<string, string> = { ...typed, ...box, ...more };
    const outcome = readShow((name) => all[name] ?? '', 2, now, known);
    return 'details' in outcome ? changesToShow(known, outcome) : outcome;
  };

  it('sends only what has changed, and keeps the seconds of an unchanged start', () => {
    expect(changes({})).toEqual({});
    expect(changes({ title: 'Macbeth', perPerson: '4' })).toEqual({ title: 'Macbeth', perPerson: 4 });
    expect(changes({ 'venue.address': '21 New Globe Walk' })).toEqual({
      venue: { name: 'Globe', address: '21 New Globe Walk' },
    });
    expect(changes({ 'kinds.1.price': '45', 'kinds.1.maxPerOrder': '' })).toEqual({
      kinds: [{ id: kindId, price: 4500, maxPerOrder: null }],
    });
  });

  it('clears the address of the venue', () => {
    const withAddress = { ...show, venue: { name: 'Globe', address: '21 New Globe Walk' } };
    expect(changes({}, withAddress)).toEqual({ venue: { name: 'Globe', address: null } });
  });

  it('adds seats to those that are there', () => {
    expect(changes({ 'kinds.1.seats': 'C1..C2' })).toEqual({ kinds: [{ id: kindId, addSeats: ['C1', 'C2'] }] });
  });

  describe('that is refused', () => {
    const stallsId = 'c'.repeat(24);
    const refused = (status: number, code: string, more: object = {}) => ({
      ...{ status, code, detail: 'As the platform says.', errors: [] },
      ...more,
    });

    it.each([
      [
        'the only kind that changes',
        'Of “Gallery”, 9 are reserved.',
        [{ id: kindId, quantity: 1 }],
        'kinds.1.quantity',
      ],
      [
        'the kind that it names',
        'Of “Box”, 9 are reserved.',
        [
          { id: stallsId, quantity: 1 },
          { id: kindId, quantity: 1 },
        ],
        'kinds.1.quantity',
      ],
      [
        'the kind by its new name',
        'Of “Parquet”, 9 are reserved.',
        [
          { id: stallsId, name: 'Parquet', quantity: 1 },
          { id: kindId, quantity: 1 },
        ],
        'kinds.0.quantity',
      ],
    ])('for too few tickets says so beside %s', (_, detail, kinds, field) => {
      const fault = refused(409, 'fewer-than-held', { detail });
      expect(showFaults(fault, show, { kinds })).toEqual({ fields: { [field]: detail } });
    });

    it('for too few tickets of a kind that it does not name says so for the whole form', () => {
      const kinds = [stallsId, kindId].map((id) => ({ id, quantity: 1 }));
      const fault = refused(409, 'fewer-than-held');
      expect(showFaults(fault, show, { kinds })).toEqual({ fields: {}, message: 'As the platform says.' });
    });

    it('has its faults beside the kinds of the form, of which it names only those that change', () => {
      const errors = [{ field: 'kinds.0.addSeats.1', message: 'is there twice' }];
      const fault = refused(400, 'invalid-request', { errors });
      expect(showFaults(fault, show, { kinds: [{ id: kindId, addSeats: ['A', 'A'] }] })).toEqual({
        fields: { 'kinds.1.seats': 'Is there twice.' },
      });
    });

    it('because of another edit asks for a reload', () => {
      expect(showFaults(refused(412, 'version-moved'), show, {}).message).toMatch(/Reload the page/);
    });
  });
});
