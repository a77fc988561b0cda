import { announcements } from './healthy-evidence.ts';
import { brokenInLine as broken, early, healthyLine, late, orderOf, sold, waits } from './healthy-line.ts';

/** It went like this instead. */
const saying = (...more: Parameters<typeof announcements.concat>) => ({
  announcements: announcements.concat(...more),
});
const [forEarly, forLate] = [orderOf(early, 1), orderOf(late, 2)];

describe('the checker', () => {
  describe('I18: finds', () => {
    it('somebody who was served before others who came earlier', () => {
      const turned = saying(waits(early, 30, 60), waits(late, 40, 45), sold(forEarly, 59), sold(forLate, 44));
      expect(broken(turned)).toEqual(['I18']);
    });

    it('an order of somebody who did not wait', () => {
      const stranger = { ...orderOf(late, 3), id: 'order-9', userId: 'stranger' };
      const said = (at: number) => ({ announcements: [...healthyLine.announcements, sold(stranger, at)] });
      expect(broken(said(45))).toContain('I18');
      expect(broken(said(57))).not.toContain('I18');
    });

    it('but not that who wants fewer is served before who wants more', () => {
      const wanting = { ...early, quantity: 2 };
      const passed = saying(waits(wanting, 30, 60), waits(late, 40, 45), sold(forEarly, 59), sold(forLate, 44));
      expect(broken(passed)).toEqual([]);
    });

    it('two who were served with one order, who got too little, and who left and was served', () => {
      expect(broken({ entries: [early, { ...late, orderId: early.orderId ?? '' }] })).toContain('I18');
      expect(broken({ entries: [{ ...early, quantity: 2 }, late] })).toEqual(['I18']);
      const { orderId: _, ...left } = { ...early, state: 'left' as const };
      expect(broken({ entries: [left, late] })).toContain('I18');
    });

    it('somebody who still waits although there are free ones', () => {
      const { orderId: _, ...still } = { ...late, state: 'waiting' as const, version: 0 };
      const orders = healthyLine.orders.filter(({ id }) => id !== late.orderId);
      const units = healthyLine.units.map((it) =>
        it.hold?.orderId === late.orderId ? { ...it, state: 'free' as const, hold: null } : it,
      );
      expect(broken({ entries: [early, still], orders, payableOrders: orders, units })).toContain('I18');
    });
  });

  it('I6: finds an order that nobody asked for or waited for', () => {
    expect(broken({ entries: [early] })).toContain('I6');
  });
});
