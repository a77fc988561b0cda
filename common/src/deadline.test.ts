import { countdown, within } from './deadline.ts';

describe('a deadline', () => {
  it('waits for work that ends in time', async () => {
    await expect(within(60_000, Promise.resolve('done'))).resolves.toBe(true);
    await expect(within(60_000, undefined)).resolves.toBe(true);
    await expect(within(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('gives up on work that does not', async () => {
    const late = Promise.withResolvers<void>();
    await expect(within(10, late.promise)).resolves.toBe(false);
    late.reject(new Error('nobody waits any more'));
  });

  it('counts down to zero and no further', async () => {
    const left = countdown(20);
    expect(left()).toBeGreaterThan(0);
    expect(left()).toBeLessThanOrEqual(20);
    await within(30, new Promise(() => {}));
    expect(left()).toBe(0);
  });
});
