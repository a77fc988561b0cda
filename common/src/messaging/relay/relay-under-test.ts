import type { Aggregates } from '../../store/aggregates.ts';
import { Counter, type CounterBench, newCounter, openCounters } from '../../testing/counters.ts';
import type { Relay } from './relay.ts';

export let bench: CounterBench;
export let relay: Relay;
export let counters: Aggregates<Counter>;

/** A bench for the tests of a file, with a relay that is running and nothing to do at the beginning of each test. */
export function useRelay(): void {
  beforeAll(async () => {
    bench = await openCounters();
  });

  beforeEach(async () => {
    ({ relay, counters } = await bench.start());
  });

  afterEach(async () => {
    await relay.stop(2_000);
    await bench.clear();
  });

  afterAll(() => bench.end());
}

export const make = (count?: number): Promise<Counter> => counters.add(newCounter(count));

/** The event of an aggregate's first version, as its outbox held it. */
export async function leftover(id: string) {
  const message = await bench.bus.jsm.streams.getMessage('tickets', { last_by_subj: `tickets.${id}.created` });
  if (!message) throw new Error('nothing was published');
  return {
    id: message.header.get('ce-id'),
    type: 'ticket.created',
    source: '/tickets',
    subject: message.subject,
    time: '2020-01-01T00:00:00.000Z',
    traceparent: '',
    data: Counter.parse(message.json()),
  };
}
