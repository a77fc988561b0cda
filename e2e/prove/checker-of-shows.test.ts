import {
  announcements,
  at,
  broken,
  command,
  commands,
  first,
  orderSays,
  second,
  several,
  show,
  units,
} from './healthy-evidence.ts';

/** The answer to the order for the show. */
const ordered3 = { status: 201, body: { id: 'order-3' } };

describe('the checker', () => {
  describe('I12: finds an order for a show that', () => {
    const ordered = (over: Partial<typeof several>) => ({
      orders: [first, second, { ...several, ...over }],
      payableOrders: [first, second, { ...several, ...over }],
    });
    const [one, other] = units;

    it('has other tickets than it asked for', () => {
      expect(broken(ordered({ tickets: several.tickets?.slice(0, 1) }))).toContain('I12');
      const seats = command(8, { body: { showId: 'show-1', seats: ['unit-1', 'unit-9'] }, answer: ordered3 });
      expect(broken({ commands: commands.with(-2, seats) })).toContain('I12');
    });

    it('has got one of its tickets only', () => {
      if (!one || !other) throw new Error('there are no tickets');
      expect(broken({ units: [one, { ...other, hold: { orderId: 'order-9', refundedAt: null } }] })).toEqual([
        'I5',
        'I12',
      ]);
    });

    it('is free and did not complete by itself', () => {
      expect(broken(ordered({ status: 'cancelled' }))).toContain('I12');
    });

    it('costs something else than its tickets', () => {
      expect(broken(ordered({ total: 1 }))).toContain('I12');
    });
  });

  describe('I13: finds', () => {
    const others = several.tickets?.map((it) => ({ ...it, id: `other-${it.id}` }));
    const again = { ...several, id: 'order-4', userId: 'other', ...(others && { tickets: others }) };
    const both = (over: Partial<typeof several>, untilSeconds?: number, storedSeconds = 40) => ({
      orders: [first, second, { ...several, ...over }, again],
      announcements: [
        ...announcements,
        { ...orderSays('order.completed', again, 0, 40), storedMs: at(storedSeconds) },
        ...(untilSeconds === undefined
          ? []
          : [orderSays('order.cancelled', several, 1, untilSeconds, { status: 'cancelled' })]),
      ],
    });

    it('a show with more holders than tickets', () => {
      expect(broken(both({}))).toContain('I13');
      expect(broken(both({ status: 'cancelled' }, 50))).toContain('I13');
    });

    it('and accepts that one follows the other', () => {
      expect(broken(both({ status: 'cancelled' }, 40))).not.toContain('I13');
      expect(broken(both({ status: 'cancelled' }, 40.1))).toContain('I13');
    });

    it('and accepts that one is written long after its time, because the database is slow', () => {
      expect(broken(both({ status: 'cancelled' }, 48, 48))).not.toContain('I13');
      expect(broken(both({ status: 'cancelled' }, 48, 47))).toContain('I13');
    });

    it('somebody with more than one person may have', () => {
      expect(broken({ shows: [{ ...show, perPerson: 1 }], knownShows: [{ ...show, perPerson: 1 }] })).toEqual(['I13']);
    });
  });
});
