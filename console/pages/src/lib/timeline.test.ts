import type { Step } from '../../../src/api/story.ts';
import { lanesOf, momentsOf } from './timeline.ts';

const step = (seconds: number, more: Partial<Step> = {}): Step => ({
  at: new Date(1_000 * seconds).toISOString(),
  kind: 'change',
  who: 'orders',
  what: 'Something happened.',
  ...more,
});

describe('the time line of an order', () => {
  it('says how long after the step before each was, and where nothing happened for long', () => {
    const moments = momentsOf([step(10), step(10.05), step(12.05)]);
    expect(moments.map(({ afterMs, isAfterGap }) => [afterMs, isAfterGap])).toEqual([
      [0, false],
      [50, false],
      [2_000, true],
    ]);
  });

  it('shows last what is still waited for, without a gap before it', () => {
    const moments = momentsOf([step(10), step(20, { waiting: true, what: 'A webhook.' }), step(11)]);
    expect(moments.map(({ step: { waiting } }) => waiting ?? false)).toEqual([false, false, true]);
    expect(moments.at(-1)?.isAfterGap).toBe(false);
  });

  it('tells which steps begin another trace', () => {
    const moments = momentsOf([step(1, { traceId: 'a' }), step(2, { traceId: 'a' }), step(3, { traceId: 'b' })]);
    expect(moments.map(({ isNewTrace }) => isNewTrace)).toEqual([true, false, true]);
  });

  it('gives everybody who takes part one lane', () => {
    const steps = [step(1, { who: 'buyer' }), step(2), step(3, { who: 'payments, orders, mail' }), step(4)];
    expect(lanesOf(steps)).toEqual(['buyer', 'orders', 'payments', 'mail']);
  });
});
