import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person, Shop } from '../support/shop.ts';
import { confirmation } from '../support/visitor.ts';
import type { Command, Recorder, Try } from './history.ts';
import { randomFrom } from './plan.ts';

export interface CrowdOptions {
  readonly shop: Shop;
  readonly recorder: Recorder;
  readonly seed: number;
  /** Orders that people try to make in a second. */
  readonly rate: number;
  /** Ends the crowd: what is begun is brought to an end, nothing new begins. */
  readonly signal: AbortSignal;
}

export interface Done {
  tickets: number;
  orders: number;
  refused: number;
  paid: number;
  cancelled: number;
  left: number;
}

export interface Crowd {
  readonly done: Readonly<Done>;
  /** Resolves once everybody has gone home. */
  readonly gone: Promise<void>;
}

/** How long somebody goes on asking without a definite answer: longer than any fault lasts. */
const patienceMs = 45_000;
const answerWithinMs = 5_000;
const longestPauseMs = 3_000;
/** How often somebody who has paid looks whether they have the ticket. */
const lookAgainMs = 500;
/** How often somebody asks again for what the service asked has not heard of yet: for about 8 s. */
const newsTries = 8;
/** Tickets that wait to be bought, for each order a second: few enough that buyers meet. */
const stockPerRate = 3;
/** What is listed though nobody buys: for so many of the orders that are due a ticket, until there is so many times the stock. */
const listedAnyway = { share: 1 / 6, upTo: 1.25 };

interface Offer {
  readonly id: string;
  version: number;
  readonly seller: Person;
}

const Created = z.object({ id: z.string(), expiresAt: z.iso.datetime() });
const Listed = z.object({ id: z.string(), version: z.number() });
const Begun = z.object({ clientSecret: z.string(), publishableKey: z.string() });

/**
 * Sellers who list, edit and withdraw; buyers who reserve, often two of them the same ticket, and pay, with cards that work or not, change their mind or forget about it.
 * Whoever gets no answer, or one that says later, asks again with the same `Idempotency-Key`.
 */
export async function letIn({ shop, recorder, seed, rate, signal }: CrowdOptions): Promise<Crowd> {
  const random = randomFrom(`${seed}/crowd`);
  const chance = (share: number) => random() < share;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const people = (count: number) => Promise.all(Array.from({ length: count }, () => shop.person()));
  const [sellers, buyers] = await Promise.all([people(4), people(12)]);

  const done: Done = { tickets: 0, orders: 0, refused: 0, paid: 0, cancelled: 0, left: 0 };
  const onSale: Offer[] = [];
  /** Tickets that somebody had and did not keep. */
  const back = new Set<string>();
  const underWay = new Set<Promise<void>>();
  let keys = 0;
  let tricksTried = 0;

  /** Longer each time, as programs should: who is overrun with the same questions answers none. */
  const pauseMs = (tries: number) => Math.min(100 * 2 ** tries, longestPauseMs) * (0.5 + random() / 2);

  /** Asks until there is a definite answer: not none, not 429, not 5xx. */
  async function command(
    who: Person,
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, wrong }: { headers?: Record<string, string>; wrong?: string } = {},
  ): Promise<Command> {
    const key = method === 'POST' ? `prove-${seed}-${++keys}` : undefined;
    const tries: Try[] = [];
    const startedMs = recorder.now();
    let answer: Command['answer'];
    while (answer === undefined && recorder.now() - startedMs < patienceMs) {
      const atMs = recorder.now();
      const got = await fetch(new URL(path, shop.platform.url), {
        method,
        signal: AbortSignal.timeout(answerWithinMs),
        headers: {
          Authorization: `Bearer ${who.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'Idempotency-Key': key }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
        .then(async (response) => {
          const text = await response.text();
          return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
        })
        .catch(() => undefined);
      tries.push({ atMs, tookMs: recorder.now() - atMs, ...(got ? { status: got.status } : {}) });
      if (got && isDefinite(got)) answer = got;
      else await sleep(pauseMs(tries.length));
    }
    return recorder.record({
      userId: who.id,
      method,
      path,
      tries,
      ...(body === undefined ? {} : { body }),
      ...(key === undefined ? {} : { key }),
      ...(wrong === undefined ? {} : { wrong }),
      ...(answer ? { answer } : {}),
    });
  }

  const reserve = (who: Person, ticketId: string, wrong?: string): Promise<Command> =>
    onceHeard(() => command(who, 'POST', '/api/orders', { ticketId }, wrong === undefined ? {} : { wrong }));

  /** Asks again while the service asked may not have heard of it yet. */
  async function onceHeard(ask: () => Promise<Command>): Promise<Command> {
    let asked = await ask();
    for (let tries = 0; asked.answer?.status === 404 && tries < newsTries && !signal.aborted; tries++) {
      await sleep(pauseMs(tries));
      asked = await ask();
    }
    return asked;
  }

  async function sell(): Promise<void> {
    const seller = pick(sellers);
    const title = `Seat ${++done.tickets} of run ${seed}`;
    const { answer } = await command(seller, 'POST', '/api/tickets', {
      title,
      price: 1_000 + Math.floor(random() * 9_000),
    });
    if (answer?.status !== 201) return;
    const ticket = { ...Listed.parse(answer.body), seller };
    if (chance(0.1)) {
      const edited = await command(
        seller,
        'PUT',
        `/api/tickets/${ticket.id}`,
        { title, price: 1_500 },
        { headers: { 'If-Match': `"${ticket.version}"` } },
      );
      if (edited.answer?.status === 200) ticket.version = Listed.parse(edited.answer.body).version;
    }
    // Before anybody else can have reserved it: then it would be refused for that.
    if (chance(0.1)) await reserve(seller, ticket.id, 'for one’s own ticket');
    onSale.push(ticket);
    if (chance(0.1)) await command(seller, 'DELETE', `/api/tickets/${ticket.id}`);
  }

  async function buy(): Promise<void> {
    // What has come back goes first, as in life: it is the newest offer.
    const again = chance(0.7) ? onSale.findIndex(({ id }) => back.delete(id)) : -1;
    const at = again >= 0 ? again : Math.floor(random() * onSale.length);
    const ticket = onSale[at];
    if (!ticket) return;
    const rivals = chance(0.3) ? [pick(buyers), pick(buyers)] : [pick(buyers)];
    // Some look in vain for what is reserved or sold.
    const gone = chance(0.6);
    if (gone) onSale.splice(at, 1);
    const outcomes = await Promise.all(rivals.map((buyer) => buyAs(buyer, ticket.id)));
    for (const { comesBack } of outcomes) {
      // What somebody had and has not kept is bought by somebody else: by a second order, or a third.
      void comesBack?.then((isBack) => {
        if (!isBack || signal.aborted) return;
        back.add(ticket.id);
        if (!onSale.includes(ticket)) onSale.push(ticket);
      });
    }
  }

  /** Whether an order that was paid for fails all the same, as its buyer sees who looks again. */
  async function isCancelled({ token }: Person, id: string): Promise<boolean> {
    while (!signal.aborted) {
      await sleep(lookAgainMs);
      const status = await fetch(new URL(`/api/orders/${id}`, shop.platform.url), {
        headers: { Authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(answerWithinMs),
      })
        .then(async (answer) => ((await answer.json()) as { status?: string }).status)
        .catch(() => undefined);
      if (status === 'cancelled' || status === 'complete') return status === 'cancelled';
    }
    return false;
  }

  const isExpired = (expiresAt: string): Promise<boolean> =>
    sleep(Math.max(Date.parse(expiresAt) - Date.now(), 0), true, { signal, ref: false }).catch(() => false);

  /** Reserves, and mostly pays. What comes of it later is whether the ticket comes back; nothing when this buyer never had it. */
  async function buyAs(buyer: Person, ticketId: string): Promise<{ comesBack?: Promise<boolean> }> {
    const made = await reserve(buyer, ticketId);
    if (made.answer?.status !== 201) {
      done.refused++;
      return {};
    }
    done.orders++;
    const { id, expiresAt } = Created.parse(made.answer.body);
    const later = { comesBack: isExpired(expiresAt) };
    if (chance(0.1)) await meddle(buyer, id);
    const mood = random();
    if (mood < 0.08) {
      done.left++;
      return later;
    }
    if (mood < 0.18) {
      await command(buyer, 'DELETE', `/api/orders/${id}`);
      done.cancelled++;
      return { comesBack: Promise.resolve(true) };
    }
    const changesMind = chance(0.2);
    const card = mood < 0.3 ? cards.refusedAtCapture : mood < 0.36 ? cards.declined : cards.good;
    const paid = await pay(buyer, id, card, () => {
      // In another window, just while Stripe reserves the money.
      if (changesMind) begin(async () => void (await command(buyer, 'DELETE', `/api/orders/${id}`)));
    });
    if (paid) done.paid++;
    // Some change their mind when it may be too late.
    if (chance(0.05)) await command(buyer, 'DELETE', `/api/orders/${id}`);
    return paid ? { comesBack: isCancelled(buyer, id) } : later;
  }

  /** Somebody else tries to end an order, and to pay it, while it is new: later they would be refused for what has become of it. */
  async function meddle(owner: Person, id: string): Promise<void> {
    const other = pick(buyers.filter((buyer) => buyer !== owner));
    await command(other, 'DELETE', `/api/orders/${id}`, undefined, { wrong: 'on somebody else’s order' });
    await command(other, 'POST', '/api/payments', { orderId: id }, { wrong: 'for somebody else’s order' });
  }

  /** Tries something that nobody may do: one thing after the other, so that even a short run sees all of them. */
  async function mischief(): Promise<void> {
    const somebody = pick(buyers);
    const ticket = onSale.length > 0 ? pick(onSale) : undefined;
    const path = `/api/tickets/${ticket?.id}`;
    const details = { title: `Nothing of run ${seed}`, price: 1_000 };
    const tricks: (() => Promise<unknown> | undefined)[] = [
      () =>
        command(
          somebody,
          'POST',
          '/api/tickets',
          { ...details, price: 19.99 },
          { wrong: 'at a price with a fraction' },
        ),
      () =>
        command(somebody, 'POST', '/api/tickets', details, {
          headers: { Authorization: 'Bearer nonsense' },
          wrong: 'without a session',
        }),
      () =>
        command(
          somebody,
          'POST',
          '/api/payments/webhook',
          { id: 'evt_forged', object: 'event', type: 'payment_intent.succeeded', data: { object: {} } },
          {
            headers: { 'Stripe-Signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` },
            wrong: 'signed by nobody',
          },
        ),
      () =>
        ticket &&
        command(somebody, 'PUT', path, details, {
          headers: { 'If-Match': `"${ticket.version}"` },
          wrong: 'on somebody else’s ticket',
        }),
      () => ticket && command(somebody, 'DELETE', path, undefined, { wrong: 'on somebody else’s ticket' }),
    ];
    let tried: Promise<unknown> | undefined;
    while (!tried) tried = tricks[tricksTried++ % tricks.length]?.();
    await tried;
  }

  async function pay(buyer: Person, orderId: string, card: string, meanwhile: () => void): Promise<boolean> {
    const { answer } = await onceHeard(() => command(buyer, 'POST', '/api/payments', { orderId }));
    if (answer?.status !== 200 && answer?.status !== 201) return false;
    meanwhile();
    return confirm(Begun.parse(answer.body), card);
  }

  /** What the browser does with Stripe: not ours to record, and asked again when the line was cut. */
  async function confirm(begun: z.infer<typeof Begun>, card: string): Promise<boolean> {
    const { url, stripe } = shop.platform;
    const [to, init] = confirmation(stripe.url ?? '', begun, card, url);
    for (let tries = 0; tries < 5; tries++) {
      const answer = await fetch(to, { ...init, signal: AbortSignal.timeout(answerWithinMs) }).catch(() => undefined);
      if (answer && answer.status < 500) return answer.ok;
      await sleep(200);
    }
    return false;
  }

  function begin(what: () => Promise<void>): void {
    const doing = what().finally(() => underWay.delete(doing));
    underWay.add(doing);
  }

  /** Begins things at a steady rate, whatever the answers take; it holds back when too much is under way. */
  async function live(): Promise<void> {
    const startedAt = Date.now();
    const stock = rate * stockPerRate;
    let begun = 0;
    let listed = 0;
    while (!signal.aborted) {
      const due = ((Date.now() - startedAt) / 1000) * rate;
      while (begun < due && underWay.size < rate * 1.5) {
        begun++;
        if (onSale.length < stock) begin(sell);
        begin(buy);
        if (chance(0.15)) begin(mischief);
      }
      begun = Math.max(begun, due - rate);
      // Sellers do not stop because all buyers wait for an answer.
      while (listed < due * listedAnyway.share && underWay.size < rate * 3) {
        listed++;
        if (onSale.length < stock * listedAnyway.upTo) begin(sell);
      }
      await sleep(20);
    }
    while (underWay.size > 0) await Promise.allSettled(underWay);
  }

  return { done, gone: live() };
}

const cards = {
  good: '4242424242424242',
  declined: '4000000000000002',
  refusedAtCapture: '4000009999990008',
};

/** The same request is still being worked on under its key: that is no answer to it yet. */
const inUse = 'idempotency-key-in-use';

function isDefinite({ status, body }: { status: number; body: { code?: string } | string }): boolean {
  if (status === 409 && typeof body === 'object' && (body.code === inUse || body.code === 'busy')) return false;
  return status !== 429 && status < 500;
}
