import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns } from './turns.ts';

describe('turns', () => {
  it('come one after the other for a name, also after a failure, and side by side for different names', async () => {
    const turn = inTurns();
    const steps: string[] = [];
    const first = Promise.withResolvers<void>();
    const work = (step: string) => async () => void steps.push(step);
    const failing = turn('orders-1', async () => {
      steps.push('begins');
      await first.promise;
      throw new Error('it did not start');
    });
    const next = turn('orders-1', work('next'));
    await turn('nats', work('another'));
    expect(steps).toEqual(['begins', 'another']);
    first.resolve();
    await expect(failing).rejects.toThrow('it did not start');
    await next;
    expect(steps).toEqual(['begins', 'another', 'next']);
  });

  it('are left out when they come too late, and those behind them are not', async () => {
    const turn = inTurns();
    const long = turn('orders-1', () => sleep(50));
    const late = turn('orders-1', async () => 'killed', Date.now() + 10);
    const inTime = turn('orders-1', async () => 'killed', Date.now() + 60_000);
    const whenever = turn('orders-1', async () => 'wiped');
    await expect(late).rejects.toThrow('orders-1 was not back yet from an earlier fault');
    expect(await Promise.all([long, inTime, whenever])).toEqual([undefined, 'killed', 'wiped']);
  });
});
