import { setImmediate as immediate } from 'node:timers/promises';
import type { OutboxEvent } from '../../store/outbox.ts';
import { createQueue, type Entry, type RelayQueue } from './queue.ts';

const limits = { roundSize: 4, maxEvents: 20, maxSize: 1_000 };

let stopping: AbortController;
let queue: RelayQueue;

beforeEach(() => {
  stopping = new AbortController();
  queue = createQueue(stopping.signal, limits);
});

const event = (id: string, data: unknown = {}): OutboxEvent => ({
  ...{
    id,
    data,
    type: 'ticket.updated',
    source: '/tickets',
    subject: `tickets.${id}.updated`,
    time: '',
    traceparent: '',
  },
});
const events = (...ids: string[]) => ids.map((id) => event(id));
const offer = (id: string, ...ids: string[]) => queue.offer('tickets', id, events(...ids), ids.length);
const idsOf = (round: readonly Entry[]) => round.map((entry) => [entry.id, ...entry.events.map(({ id }) => id)]);
/** Takes all there is, round by round, and acknowledges it. */
function drain(): string[][] {
  const rounds: string[][] = [];
  for (let round = queue.takeRound(); round.length > 0; round = queue.takeRound()) {
    rounds.push(...idsOf(round));
    queue.forget(queue.acknowledge(round));
  }
  return rounds;
}
const numbered = (letter: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, n) => `${letter}${n + from}`);

describe('what waits', () => {
  it('is taken once, however often it is offered, until it has left its outbox', () => {
    expect(offer('a', 'a1', 'a2')).toBe(2);
    expect(offer('a', 'a1', 'a2', 'a3')).toBe(3);
    const round = queue.takeRound();
    expect(idsOf(round)).toEqual([['a', 'a1', 'a2', 'a3']]);
    expect(round[0]?.version).toBe(3);
    offer('a', 'a1', 'a2', 'a3');
    const acknowledged = queue.acknowledge(round);
    offer('a', 'a1', 'a2', 'a3');
    expect(queue.waiting()).toBe(0);
    expect(queue.isIdle()).toBe(false);
    queue.forget(acknowledged);
    expect(queue.isIdle()).toBe(true);
    offer('a', 'a1');
    expect(queue.waiting()).toBe(1);
  });

  it('leaves in rounds, and what does not fit into one goes with the next, which alone knows the version', () => {
    offer('a', 'a1', 'a2');
    offer('b', 'b1', 'b2', 'b3');
    const first = queue.takeRound();
    expect(idsOf(first)).toEqual([
      ['a', 'a1', 'a2'],
      ['b', 'b1', 'b2'],
    ]);
    expect(first.map(({ version }) => version)).toEqual([2, null]);
    queue.acknowledge(first);
    const second = queue.takeRound();
    expect(idsOf(second)).toEqual([['b', 'b3']]);
    expect(second[0]?.version).toBe(3);
  });

  it('does not overtake what is on its way, nor what is put back', () => {
    offer('a', ...numbered('a', 6));
    const first = queue.takeRound();
    offer('b', 'b1');
    expect(idsOf(queue.takeRound())).toEqual([['b', 'b1']]);
    expect(queue.takeRound()).toEqual([]);
    queue.putBack(first);
    expect(queue.waiting()).toBe(6);
    expect(drain()).toEqual([
      ['a', 'a1', 'a2', 'a3', 'a4'],
      ['a', 'a5', 'a6'],
    ]);
  });

  it('is let go with all that waits behind it, and comes back in order with the next offer', () => {
    offer('a', 'a1');
    const round = queue.takeRound();
    offer('a', 'a1', 'a2');
    queue.drop(round);
    expect(queue.isIdle()).toBe(true);
    expect(offer('a', 'a1', 'a2', 'a3')).toBe(3);
    expect(drain()).toEqual([['a', 'a1', 'a2', 'a3']]);
  });

  it('is forgotten when it is closed, and what is put back afterwards, too', () => {
    offer('a', 'a1');
    offer('b', 'b1');
    const round = queue.takeRound();
    offer('c', 'c1');
    queue.close();
    queue.putBack(round);
    expect(queue.isIdle()).toBe(true);
  });
});

describe('an event that is announced again', () => {
  it('goes behind the outbox, has nothing to be removed, and is counted until it is acknowledged', () => {
    queue.offer('tickets', 'a', events('a1', 'again'), 1, new Set(['again']));
    expect(queue.extras()).toBe(1);
    const round = queue.takeRound();
    expect(idsOf(round)).toEqual([['a', 'a1', 'again']]);
    const acknowledged = queue.acknowledge(round);
    expect(idsOf(acknowledged)).toEqual([['a', 'a1']]);
    expect(queue.extras()).toBe(0);
    queue.forget(acknowledged);
    expect(queue.isIdle()).toBe(true);
  });

  it('is counted no longer when it is let go', () => {
    queue.offer('tickets', 'a', events('again'), 1, new Set(['again']));
    queue.drop(queue.takeRound());
    expect(queue.extras()).toBe(0);
    expect(queue.isIdle()).toBe(true);
  });
});

describe('the bound', () => {
  it('holds for the events, those on their way included', () => {
    for (const letter of 'abcdefgh') offer(letter, ...numbered(letter, 4));
    expect(queue.waiting()).toBe(20);
    const round = queue.takeRound();
    expect(offer('f', 'f1')).toBe(0);
    queue.putBack(round);
    expect(offer('f', 'f1')).toBe(0);
    queue.forget(queue.acknowledge(queue.takeRound()));
    expect(offer('f', 'f1')).toBe(1);
  });

  it('holds for what they weigh, and takes a single one of any weight', () => {
    const heavy = (id: string) => event(id, 'x'.repeat(600));
    expect(queue.offer('tickets', 'a', [heavy('a1'), heavy('a2')], 1)).toBe(1);
    expect(queue.offer('tickets', 'b', [event('b1')], 0)).toBe(1);
    expect(queue.offer('tickets', 'c', [heavy('c1')], 0)).toBe(0);
    drain();
    expect(queue.offer('tickets', 'd', [event('d1', 'x'.repeat(5_000))], 0)).toBe(1);
  });

  it('cuts an outbox behind its oldest events, and never claims to know the rest of it', () => {
    offer('a', ...numbered('a', 18));
    expect(offer('b', 'b1', 'b2', 'b3', 'b4')).toBe(2);
    const taken: Entry[] = [];
    for (let round = queue.takeRound(); round.length > 0; round = queue.takeRound()) {
      taken.push(...round);
      queue.forget(queue.acknowledge(round));
    }
    expect(idsOf(taken.filter(({ id }) => id === 'b'))).toEqual([['b', 'b1', 'b2']]);
    expect(taken.at(-1)).toMatchObject({ id: 'b', version: null });
  });

  it('has an aggregate announced in order although its newest event was offered when there was no room', () => {
    offer('a', ...numbered('a', 19));
    offer('b', 'b1');
    expect(offer('b', 'b1', 'b2')).toBe(1);
    expect(drain().at(-1)).toEqual(['b', 'b1']);
    expect(offer('b', 'b2', 'b3')).toBe(2);
    expect(drain()).toEqual([['b', 'b2', 'b3']]);
  });

  it('has whoever reads ahead wait, and get on as rounds leave', async () => {
    let done = false;
    const reading = queue.offerAll('tickets', 'a', events(...numbered('a', 50)), 50).then(() => {
      done = true;
    });
    const seen: string[] = [];
    let versions = 0;
    while (!done || queue.waiting() > 0) {
      await immediate();
      expect(queue.waiting()).toBeLessThanOrEqual(limits.maxEvents);
      const round = queue.takeRound();
      for (const entry of round) {
        seen.push(...entry.events.map(({ id }) => id));
        if (entry.version !== null) versions++;
      }
      queue.forget(queue.acknowledge(round));
    }
    await reading;
    expect(seen).toEqual(numbered('a', 50));
    // It was taken in parts, so nobody knows that the outbox holds nothing else.
    expect(versions).toBe(0);
  });

  it('has nobody wait who reads ahead when the relay stops', async () => {
    const reading = queue.offerAll('tickets', 'a', events(...numbered('a', 50)), 50);
    stopping.abort();
    await reading;
    await queue.until(() => false);
    expect(queue.waiting()).toBe(20);
  });
});
