import type { Hint } from './hint.ts';
import { inTurn } from './in-turn.ts';
import { order } from './payment-under-test.ts';

/** Runs that the test ends one by one. */
function runs() {
  const begun: { orderId: string; hint: Hint | undefined; end: (error?: Error) => void }[] = [];
  const settle = inTurn((orderId, hint) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    begun.push({ orderId, hint, end: (error) => (error ? reject(error) : resolve()) });
    return promise;
  });
  return { begun, settle };
}

describe('settling in turn', () => {
  it('shares one further run among all who come meanwhile', async () => {
    const { begun, settle } = runs();
    const first = settle('one');
    const others = [settle('one', { onlyOpen: true }), settle('one', { order, onlyOpen: true }), settle('one')];
    const elsewhere = settle('other');
    expect(begun.map(({ orderId }) => orderId)).toEqual(['one', 'other']);
    begun[0]?.end();
    await first;
    await Promise.resolve();
    expect(begun.map(({ orderId }) => orderId)).toEqual(['one', 'other', 'one']);
    // What all of them know, and no restriction that only some of them have.
    expect(begun[2]?.hint).toEqual({ onlyOpen: false });
    begun[2]?.end();
    begun[1]?.end();
    await Promise.all([...others, elsewhere]);
    const later = settle('one');
    expect(begun).toHaveLength(4);
    begun[3]?.end();
    await later;
  });

  it('keeps the newest order of those it was told', async () => {
    const { begun, settle } = runs();
    const first = settle('one');
    const newer = { ...order, version: 2 };
    const both = [settle('one', { order: newer, onlyOpen: true }), settle('one', { order, onlyOpen: true })];
    begun[0]?.end();
    await first;
    await Promise.resolve();
    expect(begun[1]?.hint).toEqual({ order: newer, onlyOpen: true });
    begun[1]?.end();
    await Promise.all(both);
  });

  it('fails only for those whose run failed', async () => {
    const { begun, settle } = runs();
    const first = settle('one');
    const second = settle('one');
    begun[0]?.end(new Error('Stripe is away'));
    await expect(first).rejects.toThrow('Stripe is away');
    await Promise.resolve();
    begun[1]?.end();
    await second;
  });
});
