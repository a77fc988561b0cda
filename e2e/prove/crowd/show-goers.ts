import type { NewOrder } from '@box-office/common/contracts/orders';
import { unitId } from '@box-office/common/derived-id';
import { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import type { Afterwards } from './afterwards.ts';
import type { Asking } from './asking.ts';
import type { Looking } from './looking.ts';
import { organising } from './organising.ts';
import { cards, goodCard, type Paying } from './paying.ts';

export interface ShowGoersOptions {
  readonly asking: Asking;
  readonly look: Looking;
  readonly pay: Paying['pay'];
  readonly afterwards: Afterwards;
  readonly seed: number;
  readonly random: () => number;
  readonly organisers: readonly Person[];
  readonly buyers: readonly Person[];
  /** Starts what nobody waits for. */
  readonly begin: (what: () => Promise<void>) => void;
}

export interface ShowsDone {
  shows: number;
  pauses: number;
  orders: number;
  refused: number;
  paid: number;
}

export interface ShowGoers {
  readonly done: Readonly<ShowsDone>;
  /**
   * Every organiser announces a show, before anything is disturbed.
   *
   * @returns the shows’ ids by their organisers’
   */
  announceOneEach(): Promise<ReadonlyMap<string, string>>;
  /** Somebody orders tickets of a show, and usually pays. Announces a show when there is none with tickets left. */
  visit(): Promise<void>;
}

/** How many tickets of a show one person may have: few enough that buyers reach it. */
const perPerson = 4;
const seats = 8;
/** So small that a show sells out while others are still being paid for. */
const kinds = [
  { name: 'Stalls', price: 1_500, quantity: 12, maxPerOrder: 4 },
  { name: 'Circle', price: 3_000, quantity: seats, seats: Array.from({ length: seats }, (_, at) => `A${at + 1}`) },
  { name: 'Standing', price: 0, quantity: 6 },
];
/** So many refusals in a row mean that a show is sold out, but for what comes back. */
const soldOutAfter = 6;
const startsInMs = 3_600_000;
/** Pauses per visit. */
const pauseShare = 0.04;

const Announced = z.object({ id: z.string(), kinds: z.array(z.object({ id: z.string(), name: z.string() })) });
const Made = z.object({ id: z.string(), total: z.number() });

interface OpenShow extends z.infer<typeof Announced> {
  readonly organiser: Person;
  refusals: number;
  isPaused: boolean;
}

/** People who buy several tickets of a show in one order: numbers of a kind, or seats of their choice. */
export function showGoers(options: ShowGoersOptions): ShowGoers {
  const { asking, look, pay, afterwards, seed, random, organisers, buyers, begin } = options;
  const done: ShowsDone = { shows: 0, pauses: 0, orders: 0, refused: 0, paid: 0 };
  const chance = (share: number) => random() < share;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const open: OpenShow[] = [];
  let announcing: Promise<OpenShow | undefined> | undefined;
  const { pause } = organising({ asking, pick, buyers });

  /** A show that is being sold. Everybody who finds none waits for the same new one. */
  async function current(): Promise<OpenShow | undefined> {
    const [show] = open;
    if (show && show.refusals < soldOutAfter) return show;
    open.shift();
    if (open.length > 0) return open[0];
    announcing ??= announce(pick(organisers)).finally(() => {
      announcing = undefined;
    });
    return announcing;
  }

  async function announce(organiser: Person): Promise<OpenShow | undefined> {
    const { answer } = await asking.command(organiser, 'POST', '/api/shows', {
      title: `Night ${++done.shows} of run ${seed}`,
      venue: { name: 'Opera' },
      timeZone: 'Europe/Berlin',
      startsAt: new Date(Date.now() + startsInMs).toISOString(),
      currency: 'eur',
      perPerson,
      kinds,
    });
    if (answer?.status !== 201) return undefined;
    const show = { ...Announced.parse(answer.body), organiser, refusals: 0, isPaused: false };
    open.push(show);
    return show;
  }

  function someTickets(show: OpenShow): Pick<NewOrder, 'lines' | 'seats'> {
    const [stalls, circle, standing] = show.kinds;
    if (!stalls || !circle || !standing) throw new Error('the show lacks a kind');
    if (chance(0.35)) {
      const numbers = new Set(Array.from({ length: upTo(3) }, () => upTo(seats)));
      return { seats: [...numbers].map((number) => unitId(show.id, circle.id, number)) };
    }
    if (chance(0.3)) return { lines: [{ kindId: standing.id, quantity: upTo(2) }] };
    if (chance(0.3)) return { lines: [stalls, circle].map(({ id }) => ({ kindId: id, quantity: upTo(2) })) };
    return { lines: [{ kindId: stalls.id, quantity: upTo(perPerson) }] };
  }

  async function buy(buyer: Person, show: OpenShow, wanted: ReturnType<typeof someTickets>): Promise<void> {
    const body = { showId: show.id, ...wanted };
    const made = await asking.onceHeard(() => asking.command(buyer, 'POST', '/api/orders', body));
    if (made.answer?.status !== 201) {
      done.refused++;
      // That it is paused does not mean that it is sold out.
      if (!show.isPaused) show.refusals++;
      return;
    }
    show.refusals = 0;
    done.orders++;
    const { id, total } = Made.parse(made.answer.body);
    const mood = random();
    if (total === 0 || mood < 0.1) return;
    if (mood < 0.25) return void (await asking.command(buyer, 'DELETE', `/api/orders/${id}`));
    const card = mood < 0.35 ? cards.refusedAtCapture : mood < 0.4 ? cards.declined : goodCard(random());
    const intentId = await pay(buyer, id, card);
    if (intentId === undefined) return;
    done.paid++;
    const sale = { orderId: id, seller: show.organiser, total, intentId, card };
    begin(async () => {
      if (await look.isComplete(buyer, id)) await afterwards.of(sale);
    });
  }

  async function pauseForAWhile(show: OpenShow): Promise<void> {
    const [kind] = show.kinds;
    if (show.isPaused || !kind) return;
    show.isPaused = true;
    done.pauses++;
    await pause({ id: show.id, organiser: show.organiser, kindId: kind.id });
    show.isPaused = false;
  }

  return {
    done,

    async announceOneEach() {
      const shows = await Promise.all(
        organisers.map(async (organiser) => [organiser.id, (await announce(organiser))?.id] as const),
      );
      return new Map(shows.flatMap(([organiser, id]) => (id === undefined ? [] : [[organiser, id]])));
    },

    async visit() {
      const show = await current();
      if (!show) return;
      if (chance(pauseShare)) begin(() => pauseForAWhile(show));
      const wanted = someTickets(show);
      // Some want exactly what somebody else wants at the same moment.
      const rivals = chance(0.4) ? [pick(buyers), pick(buyers)] : [pick(buyers)];
      await Promise.all(rivals.map((buyer) => buy(buyer, show, wanted)));
    },
  };
}
