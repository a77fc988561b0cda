import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person, Shop } from '../../support/shop.ts';
import type { Command, Recorder, Wrong } from '../history.ts';
import { randomFrom } from '../plan.ts';
import { type AfterwardsDone, afterwards as afterwardsOf, type Sale } from './afterwards.ts';
import { asking } from './asking.ts';
import { bankAt } from './bank.ts';
import type { Deal } from './forbidden.ts';
import { looking } from './looking.ts';
import { meddling } from './meddling.ts';
import { mischief } from './mischief.ts';
import { cards, goodCard, paying } from './paying.ts';
import { type ResellingDone, reselling } from './reselling.ts';
import { type SceneName, type ScenesDone, scenes as scenesOf } from './scenes.ts';
import { type ShowsDone, showGoers } from './show-goers.ts';
import { remember, startIn } from './visits.ts';
import { type WaitingDone, waiting as waitingOf } from './waiting.ts';

export interface CrowdOptions {
  readonly shop: Shop;
  readonly recorder: Recorder;
  readonly seed: number;
  /** Orders that people try to make in a second. */
  readonly rate: number;
  /** Whether no process will be disturbed. */
  readonly calm: boolean;
  /** The scenes that are played besides. */
  readonly scenes: readonly SceneName[];
  /** Ends the crowd: visits in progress are finished, no new ones begin. */
  readonly signal: AbortSignal;
}

export interface Done {
  tickets: number;
  orders: number;
  refused: number;
  paid: number;
  cancelled: number;
  left: number;
  /** Orders of several tickets are counted here. */
  readonly shows: Readonly<ShowsDone>;
  readonly afterwards: Readonly<AfterwardsDone>;
  readonly resale: Readonly<ResellingDone>;
  readonly waiting: Readonly<WaitingDone>;
  readonly scenes: Readonly<ScenesDone>;
}

export interface Crowd {
  readonly done: Readonly<Done>;
  /** Every route as every role that may not use it; all are tried before the crowd is done. */
  readonly cells: readonly string[];
  readonly organisers: readonly Person[];
  /** Resolves once every visit is finished. */
  readonly gone: Promise<void>;
}

/** Orders for shows per order for a single ticket. */
const showShare = 0.6;
/** Forbidden requests per order. */
const mischiefShare = 0.3;
/** Tickets in stock per order a second: few enough that buyers compete for them. */
const stockPerRate = 3;
/** Tickets listed although nobody buys: one per so many orders due, up to so many times the stock. */
const listedAnyway = { share: 1 / 6, upTo: 1.25 };

interface Offer {
  readonly id: string;
  version: number;
  readonly seller: Person;
}

const Created = z.object({ id: z.string(), expiresAt: z.iso.datetime(), total: z.number() });
const Listed = z.object({ id: z.string(), version: z.number() });

/**
 * Sellers list, edit and withdraw; buyers reserve, often two of them the same ticket, and pay with cards that work or
 * fail, cancel, or abandon the order. A request without an answer, or with one that asks for a retry, is repeated with
 * the same `Idempotency-Key`.
 */
export async function startCrowd(options: CrowdOptions): Promise<Crowd> {
  const { shop, recorder, seed, rate, calm, signal } = options;
  const random = randomFrom(`${seed}/crowd`);
  const chance = (share: number) => random() < share;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const people = (count: number) => Promise.all(Array.from({ length: count }, () => shop.person()));
  const [sellers, buyers, guest] = await Promise.all([people(4), people(12), shop.guest()]);

  const onSale: Offer[] = [];
  /** Tickets that were released by their holder. */
  const back = new Set<string>();
  const underWay = new Set<Promise<void>>();
  /** Those who wait, or deal with what they have bought, do not count as visitors. */
  const lingering = new Set<Promise<void>>();
  const [begin, linger] = [startIn(underWay), startIn(lingering)];
  const sellerOf = new Map<string, Person>();
  /** The latest sales, as targets for people who have no part in them. */
  const deals: Deal[] = [];
  const sold: Deal[] = [];
  /** The latest of those who wait for something. */
  const inLine: Deal[] = [];
  const withdrawn: Offer[] = [];

  const look = looking(shop.platform.url, signal);
  const talk = asking({ shop, recorder, seed, random, calm, signal });
  const { command, onceHeard } = talk;
  const { pay } = paying({ shop, asking: talk });
  const bank = bankAt(shop.platform.stripe);
  const afterwards = afterwardsOf({ asking: talk, bank, random, signal });
  const resell = reselling({ asking: talk, random });
  const waiting = waitingOf({
    ...{ asking: talk, look, random, signal },
    note: (buyer, entryId) => {
      const deal = pick(deals);
      if (deal) remember(inLine, { ...deal, buyer, entryId });
    },
  });
  const meddle = meddling({ asking: talk, look, pick, buyers, signal });
  const common = { asking: talk, look, pay, seed, calm, organisers: sellers, buyers, linger };
  const goers = showGoers({ ...common, random, afterwards, resell, waiting, begin });
  const playing = { random: randomFrom(`${seed}/scenes`), platform: shop.platform, signal, names: options.scenes };
  const scenes = scenesOf({ ...common, ...playing });
  const showOf = await goers.announceOneEach();
  const done: Done = {
    ...{ tickets: 0, orders: 0, refused: 0, paid: 0, cancelled: 0, left: 0 },
    shows: goers.done,
    afterwards: afterwards.done,
    resale: resell.done,
    waiting: waiting.done,
    scenes: scenes.done,
  };

  const reserve = (who: Person, ticketId: string, wrong?: Wrong): Promise<Command> =>
    onceHeard(() => command(who, 'POST', '/api/orders', { ticketId }, wrong === undefined ? {} : { wrong }));

  async function sell(): Promise<void> {
    const seller = pick(sellers);
    const title = `Seat ${++done.tickets} of run ${seed}`;
    const facts = { currency: pick(['eur', 'usd', 'jpy']), venue: pick(['Opera', 'Old Mill']) };
    const price = 1_000 + Math.floor(random() * 9_000);
    const { answer } = await command(seller, 'POST', '/api/tickets', { title, price, ...facts });
    if (answer?.status !== 201) return;
    const ticket = { ...Listed.parse(answer.body), seller };
    if (chance(0.1)) {
      const edited = await command(
        seller,
        'PUT',
        `/api/tickets/${ticket.id}`,
        { title, price: 1_500 },
        { headers: { 'If-Match': `"${ticket.version}"` }, leaves: facts },
      );
      if (edited.answer?.status === 200) ticket.version = Listed.parse(edited.answer.body).version;
    }
    sellerOf.set(ticket.id, seller);
    // Before anybody else can reserve it, which would be another reason to refuse.
    if (chance(0.1)) await reserve(seller, ticket.id, { why: 'for one’s own ticket', refusals: [404, 409] });
    onSale.push(ticket);
    if (!chance(0.1)) return;
    const { answer: gone } = await command(seller, 'DELETE', `/api/tickets/${ticket.id}`);
    if (gone?.status === 204) remember(withdrawn, ticket);
  }

  async function buy(): Promise<void> {
    // Released tickets first, as in life: they are the newest offers.
    const again = chance(0.7) ? onSale.findIndex(({ id }) => back.delete(id)) : -1;
    const at = again >= 0 ? again : Math.floor(random() * onSale.length);
    const ticket = onSale[at];
    if (!ticket) return;
    const rivals = chance(0.3) ? [pick(buyers), pick(buyers)] : [pick(buyers)];
    // Some try tickets that are reserved or sold.
    const gone = chance(0.6);
    if (gone) onSale.splice(at, 1);
    await compete(rivals, ticket);
  }

  async function compete(rivals: readonly Person[], ticket: Offer): Promise<void> {
    const outcomes = await Promise.all(rivals.map((buyer) => buyAs(buyer, ticket)));
    for (const { comesBack } of outcomes) {
      // A released ticket is bought by somebody else, in a second or third order.
      void comesBack?.then((isBack) => {
        if (!isBack || signal.aborted) return;
        back.add(ticket.id);
        if (!onSale.includes(ticket)) onSale.push(ticket);
      });
    }
  }

  /** Reads what is on sale, and their own tickets and orders. */
  async function browse(): Promise<void> {
    const lists = ['/api/tickets?limit=100', '/api/tickets?q=seat', '/api/shows?q=night', '/api/orders'];
    const mine = command(pick(sellers), 'GET', '/api/tickets/mine?limit=100');
    await Promise.all([mine, ...lists.map((path) => command(pick(buyers), 'GET', path))]);
  }

  const isExpired = (expiresAt: string): Promise<boolean> =>
    sleep(Math.max(Date.parse(expiresAt) - Date.now(), 0), true, { signal, ref: false }).catch(() => false);

  /**
   * Reserves, and usually pays. Resolves later with whether the ticket is released; with nothing when this buyer never
   * held it.
   */
  async function buyAs(buyer: Person, ticket: Offer): Promise<{ comesBack?: Promise<boolean> }> {
    const ticketId = ticket.id;
    const made = await reserve(buyer, ticketId);
    if (made.answer?.status !== 201) {
      done.refused++;
      return {};
    }
    done.orders++;
    const { id, expiresAt, total } = Created.parse(made.answer.body);
    const later = { comesBack: isExpired(expiresAt) };
    const seller = sellerOf.get(ticketId);
    const showId = seller && showOf.get(seller.id);
    const deal = seller && showId ? { ticketId, showId, seller, orderId: id, buyer } : undefined;
    if (deal) remember(deals, deal);
    // While it is new: later its state would be another reason to refuse.
    if (chance(0.1)) await meddle.withOrder(buyer, id);
    if (deal && chance(0.1)) begin(() => meddle.editWhileHeld(deal));
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
    const card = mood < 0.3 ? cards.refusedAtCapture : mood < 0.36 ? cards.declined : goodCard(random());
    const intentId = await pay(buyer, id, card, () => {
      // In another window, while Stripe is reserving the money.
      if (changesMind) begin(async () => void (await command(buyer, 'DELETE', `/api/orders/${id}`)));
    });
    if (intentId) done.paid++;
    if (intentId && deal) {
      const sale = { orderId: id, seller: deal.seller, total, intentId, card, ticketIds: [ticketId] };
      linger(() => afterSale(deal, sale, () => begin(() => compete([pick(buyers), pick(buyers)], ticket))));
    }
    // Some cancel when it may be too late.
    if (chance(0.05)) await command(buyer, 'DELETE', `/api/orders/${id}`);
    return intentId ? { comesBack: look.isCancelled(buyer, id) } : later;
  }

  /**
   * Goes on once the shop shows the ticket as sold by this order. It is remembered as sold, unless its buyer sells it
   * to others.
   */
  async function afterSale(deal: Deal, sale: Sale, advertise: () => void): Promise<void> {
    if (!(await look.isSold(deal))) return;
    const { buyer, orderId } = deal;
    if (chance(0.4)) await resell.of({ buyer, orderId, ticketIds: sale.ticketIds, advertise });
    else remember(sold, deal);
    await afterwards.of(sale);
  }

  /** Starts visits at a steady rate, however long the answers take; pauses when too many are in progress. */
  async function live(): Promise<void> {
    linger(scenes.play);
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
        if (chance(showShare)) begin(goers.visit);
        if (chance(mischiefShare)) begin(wrongs.tryNext);
        if (chance(0.05)) begin(browse);
      }
      begun = Math.max(begun, due - rate);
      // Sellers go on while all buyers wait for an answer.
      while (listed < due * listedAnyway.share && underWay.size < rate * 3) {
        listed++;
        if (onSale.length < stock * listedAnyway.upTo) begin(sell);
      }
      await sleep(20);
    }
    // Whatever has been stored by then, lists are served.
    begin(browse);
    while (underWay.size + lingering.size > 0) await Promise.allSettled([...underWay, ...lingering]);
    await wrongs.tryTheRest();
  }

  const wrongs = mischief({
    asking: talk,
    seed,
    pick,
    buyers,
    guest,
    deal: () => pick(deals),
    inLine: () => pick(inLine),
    sold: () => pick(sold),
    withdrawn: () => pick(withdrawn),
  });
  return { done, cells: wrongs.cells, organisers: sellers, gone: live() };
}
