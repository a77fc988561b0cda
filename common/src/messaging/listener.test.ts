import { headers } from '@nats-io/transport-node';
import pino from 'pino';
import { changed } from '../store/change.ts';
import { type Counter, CounterMade, CounterRaised, newCounter, raise } from '../testing/counters.ts';
import { eventually } from '../testing/eventually.ts';
import { newId } from '../testing/parts.ts';
import { DeadLetter } from './dead-letters.ts';
import { type Listening, type ListenOptions, listen, NotYet, on } from './listener.ts';
import { bench, counters, make, relay, useRelay } from './relay/relay-under-test.ts';
import { ensureConsumer, ensureDeadLetters } from './topology.ts';

const logger = pino({ level: 'silent' });
const now = () => new Date();
const stream = { replicas: 1 };

useRelay();

describe('a listener', () => {
  let listening: Listening | undefined;

  afterEach(async () => {
    await listening?.stop();
    await bench.bus.jsm.streams.purge('dead-letters');
  });

  const start = (options: Partial<ListenOptions> & Pick<ListenOptions, 'listeners'>) => {
    listening = listen({ bus: bench.bus, service: 'orders', stream, logger, now, retryAfterMs: [10, 20], ...options });
    return listening.ready;
  };

  async function deadLetters() {
    await ensureDeadLetters(bench.bus, 'orders', stream);
    const { state } = await bench.bus.jsm.streams.info('dead-letters');
    const found: DeadLetter[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await bench.bus.jsm.streams.getMessage('dead-letters', { seq });
      if (message) found.push(DeadLetter.parse(message.json()));
    }
    return found;
  }

  it('receives what was announced before it started', async () => {
    const { id } = await make(5);
    const heard: Counter[] = [];
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data))] });
    await eventually(() => expect(heard).toEqual([{ id, version: 0, count: 5 }]));
  });

  it('waits for a stream that does not exist yet', async () => {
    // It would make its stream again at its next check.
    await relay.stop(10_000);
    await bench.bus.jsm.streams.delete('tickets');
    const heard: string[] = [];
    const ready = start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data.id))] });
    await eventually(() => expect(listening?.waitingFor()).toEqual(['stream tickets']));
    const successor = await bench.start();
    const { id } = await successor.counters.add(newCounter());
    await ready;
    await eventually(() => expect(heard).toEqual([id]));
    await successor.relay.stop(2_000);
  });

  it('receives events again after its stream was deleted and re-created', async () => {
    const heard: string[] = [];
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data.id))] });
    const first = await make();
    await eventually(() => expect(heard).toEqual([first.id]));
    await bench.bus.jsm.streams.delete('tickets');
    const second = await make();
    await eventually(() => expect(heard).toContain(second.id));
  });

  it('retries when its handler fails, without making a dead letter', async () => {
    let tries = 0;
    await start({
      listeners: [
        on(CounterMade, async () => {
          if (++tries < 3) throw new Error('not now');
        }),
      ],
    });
    await make();
    await eventually(() => expect(tries).toBe(3));
    expect(await deadLetters()).toEqual([]);
  });

  it('makes a dead letter after the last try, with the reason, the stack and the original headers', async () => {
    await start({
      listeners: [
        on(CounterMade, async () => {
          throw new Error('never');
        }),
      ],
    });
    const { id } = await make(9);
    await eventually(async () => expect(await deadLetters()).toHaveLength(1));
    const [letter] = await deadLetters();
    expect(letter).toMatchObject({ service: 'orders', stream: 'tickets', reason: 'never', deliveries: 3 });
    expect(letter?.stack).toContain('listener.test.ts');
    expect(letter?.headers['ce-type']).toEqual(['ticket.created']);
    expect(JSON.parse(Buffer.from(letter?.payload ?? '', 'base64').toString())).toEqual({ id, version: 0, count: 9 });
  });

  it.each([
    ['no JSON', 'ticket.created', '{"id": '],
    ['the wrong shape', 'ticket.created', '{"id": 7}'],
    ['no type', '', '{}'],
    ['a type nobody knows', 'ticket.exploded', '{}'],
  ])('makes a dead letter of a message with %s at once and handles the next', async (_, type, payload) => {
    const heard: string[] = [];
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.push(data.id))] });
    const lines = headers();
    lines.set('ce-id', newId());
    if (type) lines.set('ce-type', type);
    const id = newId();
    await bench.bus.js.publish(`tickets.${id}.created`, payload, { headers: lines });
    await counters.add(changed({ id, version: 0, count: 0 }, CounterMade));
    await eventually(() => expect(heard).toEqual([id]));
    await eventually(async () => expect(await deadLetters()).toHaveLength(1));
    expect((await deadLetters())[0]?.deliveries).toBe(1);
  });

  it('leaves what only another release listens to, to a replica of that release', async () => {
    const heard: number[] = [];
    const made = on(CounterMade, async () => undefined);
    const raised = on(CounterRaised, async ({ data }) => void heard.push(data.version));
    await start({ listeners: [made] });
    await ensureConsumer(bench.bus, 'tickets', 'orders', ['tickets.*.created', 'tickets.*.updated'], stream);
    const { id } = await make();
    await counters.change(id, raise);
    const again = async () => (await bench.bus.jsm.consumers.info('tickets', 'orders')).num_redelivered;
    await eventually(async () => expect(await again()).toBe(1));
    const newer = listen({ bus: bench.bus, service: 'orders', stream, logger, now, listeners: [made, raised] });
    await eventually(() => expect(heard).toEqual([1]));
    expect(await deadLetters()).toEqual([]);
    await newer.stop();
  });

  it('handles the events of one aggregate one after the other', async () => {
    const { id } = await make();
    for (let i = 0; i < 10; i++) await counters.change(id, raise);
    let running = 0;
    let most = 0;
    const heard: number[] = [];
    await start({
      listeners: [
        on(CounterRaised, async ({ data }) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running--;
          heard.push(data.version);
        }),
      ],
    });
    await eventually(() => expect(heard).toHaveLength(10));
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(most).toBe(1);
  });

  it('does not count tries while the store is unavailable', async () => {
    let away = true;
    let calls = 0;
    await start({
      retryAfterMs: [],
      isStoreAway: (error) => Error.isError(error) && error.message === 'store away',
      listeners: [
        on(CounterMade, async () => {
          calls++;
          if (away) throw new Error('store away');
        }),
      ],
    });
    await make();
    await eventually(() => expect(calls).toBeGreaterThan(1));
    away = false;
    const before = calls;
    await eventually(() => expect(calls).toBe(before + 1));
    expect(await deadLetters()).toEqual([]);
  });

  it('receives a message again after each NotYet, and then still has all its tries for errors', async () => {
    const outcomes: string[] = [];
    await start({
      retryAfterMs: [10, 20],
      listeners: [
        on(CounterMade, async () => {
          if (outcomes.length < 10) {
            outcomes.push('not yet');
            throw new NotYet(5);
          }
          outcomes.push('failed');
          throw new Error('never');
        }),
      ],
    });
    await make();
    await eventually(async () => expect(await deadLetters()).toHaveLength(1));
    expect(outcomes).toEqual([...Array(10).fill('not yet'), 'failed', 'failed', 'failed']);
  });

  it('has all its tries for a message that a previous process postponed', async () => {
    let putOff = 0;
    const patient = on(CounterMade, async () => {
      putOff++;
      throw new NotYet(5);
    });
    await start({ listeners: [patient] });
    await make();
    await eventually(() => expect(putOff).toBeGreaterThan(5));
    await listening?.stop();
    let tries = 0;
    const failing = on(CounterMade, async () => {
      tries++;
      throw new Error('never');
    });
    await start({ listeners: [failing], retryAfterMs: [10, 20] });
    await eventually(async () => expect(await deadLetters()).toHaveLength(1));
    expect(tries).toBe(3);
  });

  it('finishes its current messages when it stops, and leaves the rest to the next process at once', async () => {
    const made = await Promise.all(Array.from({ length: 900 }, () => make()));
    const heard = new Set<string>();
    // What was left behind without being returned would come again too late for this test.
    const patient = { ...stream, ackWaitMs: 120_000 };
    // Each stops at its first message while others are in flight: those must not be lost.
    for (let restarts = 0; restarts < 5; restarts++) {
      const stopped = Promise.withResolvers<void>();
      const once = on(CounterMade, async ({ data }) => {
        stopped.resolve(listening?.stop());
        await new Promise((resolve) => setTimeout(resolve, 20));
        heard.add(data.id);
      });
      await start({ listeners: [once], concurrency: 20, stream: patient });
      await stopped.promise;
    }
    expect(heard.size).toBeGreaterThan(0);
    expect(heard.size).toBeLessThan(made.length);
    await start({ listeners: [on(CounterMade, async ({ data }) => void heard.add(data.id))], stream: patient });
    await eventually(() => expect(heard.size).toBe(made.length));
  });

  it('shares its messages with the other replicas of its service', async () => {
    const heard: string[] = [];
    const listener = on(CounterMade, async ({ data }) => void heard.push(data.id));
    await start({ listeners: [listener] });
    const replica = listen({ bus: bench.bus, service: 'orders', stream, logger, now, listeners: [listener] });
    await replica.ready;
    const made = await Promise.all(Array.from({ length: 30 }, () => make()));
    await eventually(() => expect(heard).toHaveLength(30));
    expect(new Set(heard)).toEqual(new Set(made.map(({ id }) => id)));
    await replica.stop();
  });
});
