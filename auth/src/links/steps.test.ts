import { setTimeout as sleep } from 'node:timers/promises';
import { inSteps } from './steps.ts';

const timed = async (workMs: number): Promise<number> => {
  const startedAt = performance.now();
  await inSteps(400, () => sleep(workMs));
  return performance.now() - startedAt;
};

describe('work in steps', () => {
  it('takes the same time, whether it was a little more or less', async () => {
    const [less, more, next] = await Promise.all([timed(1), timed(150), timed(450)]);

    // Timers of Node may be a millisecond early.
    expect(less).toBeGreaterThanOrEqual(398);
    expect(more).toBeGreaterThanOrEqual(398);
    expect(next).toBeGreaterThanOrEqual(798);
  });

  it('takes as long when it fails, and says why', async () => {
    const startedAt = performance.now();
    await expect(inSteps(100, () => Promise.reject(new Error('no database')))).rejects.toThrow('no database');

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(98);
  });
});
