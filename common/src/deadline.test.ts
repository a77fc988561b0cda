import { countdown, within } from './deadline.ts';

describe('a deadline', () => {
  it('waits for what is done in time', async () => {
    await expect(within(60_000, Promise.resolve('done'))).resolves.toBe(true);
    await expect(within(60_000, undefined)).resolves.toBe(true);
    await expect(within(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('gives up on what is not', async () => {
    const late = Promise.withResolvers<void>();
    await expect(within(10, late.promise)).resolves.toBe(false);
    late.reject(new Error('nobody waits any more'));
  });

  it('counts down, and not below nothing', async () => {
    const left = countdown(20);
    expect(left()).toBeGreaterThan(0);
    expect(left()).toBeLessThanOrEqual(20);
    await within(30, new Promise(() => {}));
    expect(left()).toBe(0);
  });
});
