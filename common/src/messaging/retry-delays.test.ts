import type { JsMsg } from '@nats-io/jetstream';
import { ForAnotherRelease, Malformed, retryDelays } from './retry-delays.ts';

const message = (streamSequence: number) =>
  ({ info: { stream: 'tickets', streamSequence, timestampNanos: 1 } }) as JsMsg;

describe('the delay before the next try', () => {
  it('is as configured, until there are no more tries', () => {
    const delays = retryDelays([10, 20]);
    const next = () => delays.after(new Error('not now'), message(1));
    expect([next(), next(), next()]).toEqual([10, 20, undefined]);
    delays.over(message(1));
    expect(next()).toBe(10);
  });

  it('is none for an invalid message', () => {
    expect(retryDelays([10]).after(new Malformed('no JSON'), message(1))).toBeUndefined();
  });

  it('lasts longer than an update for what another release listens to', () => {
    const delays = retryDelays([10]);
    let total = 0;
    for (;;) {
      const delay = delays.after(new ForAnotherRelease(), message(1));
      if (delay === undefined) break;
      total += delay;
    }
    expect(total).toBeGreaterThan(10 * 60_000);
  });

  it('is for a bounded number of those, so that others are still delivered', () => {
    const delays = retryDelays([10]);
    const waits = (sequence: number) => delays.after(new ForAnotherRelease(), message(sequence)) !== undefined;
    const all = Array.from({ length: 150 }, (_, at) => at);
    expect(all.filter(waits)).toHaveLength(100);
    expect(all.filter(waits)).toHaveLength(100);
    delays.over(message(0));
    expect(waits(149)).toBe(true);
  });

  it('counts only those that may come back here, and not those that another replica has got since', () => {
    let nowMs = 0;
    const delays = retryDelays([10], () => nowMs);
    for (let sequence = 0; sequence < 1_000; sequence++) {
      expect(delays.after(new ForAnotherRelease(), message(sequence))).toBe(500);
      nowMs += 50;
    }
  });
});
