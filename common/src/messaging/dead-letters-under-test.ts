import pino from 'pino';
import { z } from 'zod';
import { defineEvent } from '../contracts/event.ts';
import { testBus } from '../testing/engines.ts';
import { eventually } from '../testing/eventually.ts';
import type { Bus } from './bus.ts';
import { type Choice, deadLetters, type Numbered } from './dead-letters.ts';
import { type Listening, type ListenOptions, listen } from './listener.ts';

export const Counter = z.object({ id: z.string(), version: z.int() });
const counterEvent = (type: string) => defineEvent({ type, announcedBy: 'tickets', data: Counter, summary: 'A test.' });
export const Made = counterEvent('ticket.created');
export const Raised = counterEvent('ticket.updated');

export const stream = { replicas: 1 };
const logger = pino({ level: 'silent' });
const now = () => new Date();

export let bus: Bus;
export const listening: Listening[] = [];

/** A JetStream for the tests of a file. Each test finds it empty. */
export function useBus(): void {
  beforeAll(async () => {
    bus = await testBus();
  });

  afterEach(async () => {
    for (const it of listening.splice(0)) await it.stop();
    for (const { config } of await bus.jsm.streams.list().next()) await bus.jsm.streams.delete(config.name);
  });

  afterAll(() => bus.close());
}

export function start(service: string, options: Partial<ListenOptions> & Pick<ListenOptions, 'listeners'>) {
  const it = listen({ bus, service, stream, logger, now, retryAfterMs: [], ...options });
  listening.push(it);
  return it;
}

export async function all(choice?: Choice): Promise<Numbered[]> {
  const found: Numbered[] = [];
  for await (const it of deadLetters(bus, choice)) found.push(it);
  return found;
}

export const buried = (count: number) =>
  eventually(async () => {
    const found = await all();
    expect(found).toHaveLength(count);
    return found;
  });

/** The only dead letter there is, once it is there. */
export async function onlyOne(): Promise<Numbered> {
  const [found] = await buried(1);
  if (!found) throw new Error('none');
  return found;
}

export const waiting = async () => (await bus.jsm.streams.info('retries')).state.messages;

/** Fails until it is mended, and remembers what it heard. */
export function breakable() {
  const heard: string[] = [];
  const it = {
    broken: true,
    reason: 'the ledger is full',
    heard,
    async handle({ data }: { data: { id: string } }) {
      heard.push(data.id);
      if (it.broken) throw new Error(it.reason);
    },
  };
  return it;
}
