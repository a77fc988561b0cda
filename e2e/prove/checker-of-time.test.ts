import { announcements, at, broken, first, second } from './healthy-evidence.ts';

describe('the checker', () => {
  describe('I5', () => {
    const ended = (seconds: number) =>
      announcements.map((it) => (it.type === 'order.cancelled' ? { ...it, timeMs: at(seconds) } : it));

    it('finds an order that never ends, and one that ended much too late or too early', () => {
      expect(broken({ orders: [first, { ...second, status: 'awaiting:payment' }] })).toContain('I5');
      expect(broken({ announcements: ended(71) })).toContain('I5');
      expect(broken({ announcements: ended(9.5) })).toEqual(['I5']);
    });

    it('does not count the time in which an engine or all who could end it were down, even when reported twice', () => {
      const stretch = (from: number, to: number) => ({ name: 'mongo', fromMs: at(from), toMs: at(to) });
      // 5 s before the deadline, then 35 s in all.
      const away = [stretch(25, 45), stretch(5, 30), stretch(26, 28), stretch(200, 300)];
      expect(broken({ away, announcements: ended(104) })).not.toContain('I5');
      expect(broken({ away, announcements: ended(106) })).toContain('I5');
      const inTime = (...names: readonly string[]) => {
        const down = names.flatMap((name) => away.map((it) => ({ ...it, name })));
        return !broken({ away: down, announcements: ended(104) }).includes('I5');
      };
      expect(inTime('orders-1', 'payments-1')).toBe(false);
      expect(inTime('orders-1', 'orders-2')).toBe(true);
      expect(inTime('payments-1', 'payments-2', 'tickets-1')).toBe(true);
      expect(inTime('tickets-1', 'tickets-2')).toBe(false);
    });
  });
});
