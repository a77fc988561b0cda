import { type Mismatch, repair } from './audit.ts';
import type { View } from './view.ts';

/** Two sides that differ for good, and an owner that may be unable to announce. */
function differingView(announce: View['repair']): View {
  const differs = (id: string) => ({ id, held: { price: 1 }, owned: { price: 2 }, waits: false });
  return {
    ...{ name: 'orders’ copy of tickets', holder: 'orders', owner: 'tickets', money: false, repair: announce },
    async *pairs(ids = []) {
      yield* ids.map(differs);
    },
  };
}

const mismatch = (id: string, view: View): Mismatch => ({
  ...{ view, id, held: { price: 1 }, owned: { price: 2 }, waits: false },
});

it('does not wait for what could not be announced, and says why', async () => {
  const view = differingView(async () => {
    throw new Error('the ticket itself is gone');
  });
  const from = performance.now();
  const left = await repair([mismatch('one', view), mismatch('other', view)], 30_000);
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(left).toMatchObject([
    { id: 'one', reason: 'the ticket itself is gone' },
    { id: 'other', reason: 'the ticket itself is gone' },
  ]);
});

it('waits for what was announced as long as it was told to', async () => {
  const view = differingView(async () => undefined);
  const from = performance.now();
  expect(await repair([mismatch('one', view)], 200)).toEqual([mismatch('one', view)]);
  expect(performance.now() - from).toBeGreaterThanOrEqual(199);
});
