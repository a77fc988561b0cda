import { faultKinds, planFaults } from './plan.ts';

const options = {
  seed: 7,
  durationMs: 120_000,
  kinds: faultKinds,
  processes: ['auth-1', 'tickets-1', 'tickets-2', 'orders-1', 'orders-2', 'nats', 'mongo'],
  consumers: ['tickets/orders', 'orders/payments'],
};
const count = (kind: string, plan = planFaults(options)) => plan.filter((fault) => fault.kind === kind).length;

describe('the plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(options)).toEqual(planFaults(options));
    expect(planFaults({ ...options, seed: 8 })).not.toEqual(planFaults(options));
  });

  it('has 60 kills, 5 outages, a wipe, a rewind and a full disk in two minutes, all within the run and in order', () => {
    const plan = planFaults(options);
    expect(count('kill')).toBeGreaterThanOrEqual(60);
    expect(count('outage')).toBeGreaterThanOrEqual(5);
    expect([count('wipe'), count('rewind'), count('full-disk')]).toEqual([1, 1, 1]);
    const moments = plan.map(({ atMs }) => atMs);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...moments)).toBeLessThan(options.durationMs);
  });

  it('leaves the last third of every two minutes of a long run in peace, with as many kills in all', () => {
    const plan = planFaults({ ...options, durationMs: 600_000 });
    expect(count('kill', plan)).toBe(Math.ceil(600 / 1.7));
    for (const { atMs } of plan) expect(atMs % 120_000).toBeLessThanOrEqual(80_000);
  });

  it('kills every kind of process sooner or later, engines too, and pauses no engine', () => {
    const plan = planFaults({ ...options, durationMs: 600_000 });
    const targets = (kind: string) => new Set(plan.filter((fault) => fault.kind === kind).map(({ target }) => target));
    expect(targets('kill')).toEqual(new Set(options.processes));
    expect([...targets('pause')].filter((name) => name === 'nats' || name === 'mongo')).toEqual([]);
  });

  it('has a listening service lag behind when streams lose data', () => {
    const losses = planFaults(options).filter(({ kind }) => kind === 'wipe' || kind === 'rewind');
    for (const { target } of losses) expect(['tickets', 'orders']).toContain(target);
    const none = planFaults({ ...options, processes: ['nats', 'auth-1'], kinds: ['wipe'] });
    expect(none).toMatchObject([{ kind: 'wipe' }]);
  });

  it('keeps the other faults when a kind is left out', () => {
    const without = planFaults({ ...options, kinds: faultKinds.filter((kind) => kind !== 'pause') });
    expect(without).toEqual(planFaults(options).filter(({ kind }) => kind !== 'pause'));
  });

  it('stops the broker for 1 to 30 s, and pauses processes for longer than ack_wait', () => {
    const plan = planFaults({ ...options, durationMs: 30 * 60_000 });
    const lasts = (kind: string) => plan.filter((fault) => fault.kind === kind).map(({ lastsMs }) => lastsMs ?? 0);
    expect(Math.min(...lasts('outage'))).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...lasts('outage'))).toBeLessThanOrEqual(30_000);
    expect(Math.max(...lasts('outage'))).toBeGreaterThan(20_000);
    expect(Math.min(...lasts('pause'))).toBeGreaterThan(10_000);
  });
});
