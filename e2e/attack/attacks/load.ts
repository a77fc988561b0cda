import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, ObjectId } from 'mongodb';
import type { Attack } from '../attack.ts';
import { type Caller, callerFrom, networks } from '../caller.ts';
import type { Target } from '../target.ts';

/** How much longer others may wait, at the 99th percentile. */
const mostTimesLonger = 2;
const counts = {
  short: { tickets: 100, atOnce: 60, rounds: 0 },
  long: { tickets: 5_000, atOnce: 60, rounds: 3 },
} as const;
const samplesPerRound = 80;
const hashesAtOnce = 200;
const searchers = 20;
/** Words that all tickets have, or none. */
const searched = ['opera', 'the', 'o', 'attacked%20opera', 'att', 'zebra', 'opera%20zebra'];

/** What costs a service most, asked for by many at once, while others read. */
export const load: Attack = {
  name: 'load',
  promise: 'an address has few searches at a time, and others wait at most twice as long for sign-ins and searches',
  async run(target, { effort }) {
    const { tickets, atOnce, rounds } = counts[effort];
    await listMany(target, tickets);
    const faults = [...(await searchesAtOnce(target, atOnce))];
    const measured: string[] = [];
    let tried = atOnce;
    const storms = [
      { what: `${hashesAtOnce} sign-ins at once`, start: signIns },
      { what: `${searchers} connections that search ${tickets} tickets`, start: searches },
    ];
    for (const { what, start } of rounds > 0 ? storms : []) {
      const alone: number[] = [];
      const meanwhile: number[] = [];
      // In turn, so that what else the machine does falls on both.
      for (let round = 0; round < rounds; round++) {
        alone.push(await p99OfOthers(target));
        const storm = start(target);
        meanwhile.push(await p99OfOthers(target));
        tried += await storm.end();
      }
      const [before, during] = [median(alone), median(meanwhile)];
      const times = during / before;
      measured.push(`${what}: p99 of others ${before.toFixed(1)} → ${during.toFixed(1)} ms, ${times.toFixed(2)} times`);
      if (!(times <= mostTimesLonger)) faults.push(`${measured.at(-1)}`);
    }
    return { tried, faults, ...(measured.length > 0 && { measured: measured.join('; ') }) };
  },
};

/** From one address at once: some are answered, and some refused because there are too many. */
async function searchesAtOnce({ port }: Target, count: number): Promise<string[]> {
  const caller = callerFrom(port, '127.22.0.1');
  const answers = await Promise.all(
    Array.from({ length: count }, (_, number) => caller.call('GET', `/api/tickets?q=${wordOf(number)}`)),
  );
  caller.end();
  // 503 with Retry-After is an answer under load.
  const odd = answers.map(({ status }) => status).filter((status) => ![200, 429, 503].includes(status));
  return [
    ...(odd.length > 0 ? [`of ${count} searches at once, some were answered ${[...new Set(odd)].join(', ')}`] : []),
    ...(answers.some(({ status }) => status === 200) ? [] : ['no search of many at once was answered']),
    ...(answers.some(({ status }) => status === 429) ? [] : [`${count} searches of one address ran at once`]),
  ];
}

const wordOf = (number: number) => searched[number % searched.length];

interface Storm {
  /** Resolves with how much was asked, once all of it is answered. */
  end(): Promise<number>;
}

/** Each caller asks again and again. */
function storm(
  callers: readonly Caller[],
  ask: (caller: Caller, index: number, round: number) => Promise<void>,
): Storm {
  let [tried, over] = [0, false];
  const loops = callers.map(async (caller, index) => {
    for (let round = 0; !over; round++) {
      await ask(caller, index, round);
      tried++;
    }
    caller.end();
  });
  return {
    async end() {
      over = true;
      await Promise.all(loops);
      return tried;
    },
  };
}

/** From as many networks, so that no limit of one of them stops any. */
const signIns = ({ port }: Target): Storm =>
  storm(
    networks(hashesAtOnce, 20).map((from) => callerFrom(port, from)),
    async (caller, index, round) => {
      const body = { email: `nobody-${index}-${round}@example.com`, password: 'not this password' };
      const { status } = await caller.call('POST', '/api/auth/signin', { body });
      // As somebody does who is told to come back later.
      if (status !== 401) await sleep(1_000);
    },
  );

const searches = ({ port }: Target): Storm =>
  storm(
    Array.from({ length: searchers }, () => callerFrom(port, '127.21.0.1')),
    async (caller, index, round) => {
      const { status } = await caller.call('GET', `/api/tickets?q=${wordOf(index + round)}`);
      if (status !== 200) await sleep(100);
    },
  );

/** How long somebody waits who asks for nothing costly: a page that all see, and one of their own. */
async function p99OfOthers({ port, deal }: Target): Promise<number> {
  const caller = callerFrom(port);
  const headers = { Authorization: `Bearer ${deal.buyer.token}` };
  const times: number[] = [];
  for (let number = 0; number < samplesPerRound; number++) {
    const path = number % 2 ? `/api/tickets/${deal.ticketId}` : `/api/orders/${deal.orderId}`;
    const { status, ms } = await caller.call('GET', path, { headers });
    times.push(status === 200 ? ms : Number.POSITIVE_INFINITY);
  }
  caller.end();
  return times.sort((a, b) => a - b)[Math.floor(samplesPerRound * 0.99) - 1] ?? 0;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Tickets as they are stored: listing so many one by one takes minutes. */
async function listMany({ shop, stranger }: Target, count: number): Promise<void> {
  const { id } = await shop.sell(stranger, { title: 'The attacked opera' });
  const mongo = new MongoClient(shop.platform.addresses.mongo ?? '');
  try {
    const tickets = mongo.db('tickets').collection<{ _id: string }>('tickets');
    const ticket = await tickets.findOne({ _id: id });
    const copies = Array.from({ length: count }, () => ({ ...ticket, _id: new ObjectId().toHexString() }));
    for (let at = 0; at < count; at += 500) await tickets.insertMany(copies.slice(at, at + 500));
  } finally {
    await mongo.close();
  }
}
