import { setTimeout as sleep } from 'node:timers/promises';
import type { NewOrder } from '@box-office/common/contracts/orders';
import { unitId } from '@box-office/common/derived-id';
import { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import type { Command } from '../history.ts';
import type { Afterwards } from './afterwards.ts';
import type { Asking } from './asking.ts';
import type { Looking } from './looking.ts';
import { organising } from './organising.ts';
import { cards, goodCard, type Paying } from './paying.ts';
import type { Reselling } from './reselling.ts';
import type { Waiting } from './waiting.ts';

export interface ShowGoersOptions {
  readonly asking: Asking;
  readonly look: Looking;
  readonly pay: Paying['pay'];
  readonly afterwards: Afterwards;
  readonly resell: Reselling;
  readonly waiting: Waiting;
  readonly seed: number;
  readonly random: () => number;
  readonly organisers: readonly Person[];
  readonly buyers: readonly Person[];
  /** Whether no process is disturbed. */
  readonly calm: boolean;
  /** Starts what nobody waits for. */
  readonly begin: (what: () => Promise<void>) => void;
  /** The same, for what takes long and keeps nobody from coming. */
  readonly linger: (what: () => Promise<void>) => void;
}

export interface ShowsDone {
  shows: number;
  pauses: number;
  prices: number;
  cancelled: number;
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
const seats = 4;
/** So small that a show sells out while others are still being paid for. */
const kinds = [
  { name: 'Stalls', price: 1_500, quantity: 6, maxPerOrder: 4 },
  { name: 'Circle', price: 3_000, quantity: seats, seats: Array.from({ length: seats }, (_, at) => `A${at + 1}`) },
  { name: 'Standing', price: 0, quantity: 3 },
];
/** So many refusals in a row mean that a show is sold out, but for what comes back. */
const soldOutAfter = 6;
const startsInMs = 3_600_000;
/** After how many orders a show is paused, and cancelled. */
const [pausedAfter, cancelledAfter] = [2, 4];
/** How many of those wait who are told that it is sold out. */
const waitShare = 0.8;
const laterMs = 2_500;
/** How many try to buy what others wait for. */
const impatientShare = 0.25;
/** How many of those who have bought tickets offer some of them to others. */
const resaleShare = 0.5;
/** How many visits meet a new price. */
const repriceShare = 0.15;

const Announced = z.object({ id: z.string(), kinds: z.array(z.object({ id: z.string(), name: z.string() })) });
const Made = z.object({
  id: z.string(),
  total: z.number(),
  tickets: z.array(z.object({ id: z.string(), kindId: z.string(), seat: z.string().optional() })),
});

interface OpenShow extends z.infer<typeof Announced> {
  readonly organiser: Person;
  orders: number;
  refusals: number;
  /** Paused, or cancelled. */
  isStopped: boolean;
  wasPaused: boolean;
  /** It will not be cancelled any more. */
  takesPlace: boolean;
}

/** People who buy several tickets of a show in one order: numbers of a kind, or seats of their choice. */
export function showGoers(options: ShowGoersOptions): ShowGoers {
  const { asking, look, pay, afterwards, resell, waiting, seed, random, organisers, buyers, calm, begin, linger } =
    options;
  const done: ShowsDone = { shows: 0, pauses: 0, prices: 0, cancelled: 0, orders: 0, refused: 0, paid: 0 };
  const chance = (share: number) => random() < share;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const open: OpenShow[] = [];
  /** Shows of which it was decided whether they are cancelled. */
  let decided = 0;
  /** Shows that somebody waits for. */
  const awaited: OpenShow[] = [];
  let announcing: Promise<OpenShow | undefined> | undefined;
  const organise = organising({ asking, pick, buyers, calm });

  /** A show that is being sold. Everybody who finds none waits for the same new one. */
  async function current(): Promise<OpenShow | undefined> {
    const soldOut = open.filter(({ refusals }) => refusals >= soldOutAfter);
    for (const show of soldOut) open.splice(open.indexOf(show), 1);
    const show = open.find(({ isStopped }) => !isStopped) ?? open[0];
    if (show) return show;
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
    const show = {
      ...{ ...Announced.parse(answer.body), organiser, orders: 0, refusals: 0 },
      ...{ isStopped: false, wasPaused: false, takesPlace: false },
    };
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
      if (!show.isStopped) show.refusals++;
      const line = codeOf(made) === 'sold-out' ? lineFor(wanted) : undefined;
      if (line && chance(waitShare)) joinLine(buyer, show, line);
      return;
    }
    show.refusals = 0;
    show.orders++;
    done.orders++;
    await goOn(buyer, show, Made.parse(made.answer.body));
  }

  /** Leaves the order, cancels it or pays for it, and some sell their tickets to others. */
  async function goOn(buyer: Person, show: OpenShow, { id, total, tickets }: z.infer<typeof Made>): Promise<void> {
    const mood = random();
    const ticketIds = tickets.map((it) => it.id);
    const advertise = (offered: readonly string[]) => {
      for (const ticket of tickets.filter((it) => offered.includes(it.id))) {
        const one = ticket.seat ? { seats: [ticket.id] } : { lines: [{ kindId: ticket.kindId, quantity: 1 }] };
        begin(() => buy(pick(buyers), show, one));
      }
    };
    const maySell = () =>
      chance(resaleShare) ? resell.of({ buyer, orderId: id, ticketIds, advertise }) : Promise.resolve();
    if (total === 0) return linger(maySell);
    if (mood < 0.1) return;
    if (mood < 0.25) {
      // Whoever waits for them comes before these.
      advertise(ticketIds);
      return void (await asking.command(buyer, 'DELETE', `/api/orders/${id}`));
    }
    const card = mood < 0.35 ? cards.refusedAtCapture : mood < 0.4 ? cards.declined : goodCard(random());
    const intentId = await pay(buyer, id, card);
    if (intentId === undefined) return;
    done.paid++;
    const sale = { orderId: id, seller: show.organiser, total, intentId, card, ticketIds };
    linger(async () => {
      if (!(await look.isComplete(buyer, id))) return;
      await maySell();
      await afterwards.of(sale);
    });
  }

  /** Others go on trying to get the same. Somebody else joins so much later that it is certain who came first. */
  function joinLine(buyer: Person, show: OpenShow, line: Line): void {
    remember(awaited, show);
    linger(() => waitInLine(buyer, show, line));
    linger(async () => {
      await sleep(laterMs);
      await waitInLine(pick(buyers), show, line);
    });
  }

  async function waitInLine(buyer: Person, show: OpenShow, line: Line): Promise<void> {
    const served = await waiting.inLine(buyer, { showId: show.id, ...line });
    const order = Made.safeParse(served && (await look.order(buyer, served.orderId))).data;
    if (order) await goOn(buyer, show, order);
  }

  /** Every show is stopped for a while once it sells, and every second one for good, when some have paid. */
  async function stop(show: OpenShow): Promise<void> {
    const [kind] = show.kinds;
    if (show.isStopped || !kind) return;
    const it = { id: show.id, organiser: show.organiser, kindId: kind.id };
    if (show.orders >= pausedAfter && !show.wasPaused) {
      done.pauses++;
      show.wasPaused = true;
      show.isStopped = true;
      await organise.pause(it);
      show.isStopped = false;
    } else if (show.orders >= cancelledAfter && !show.takesPlace) {
      show.takesPlace = ++decided % 2 === 0;
      if (show.takesPlace) return;
      done.cancelled++;
      show.isStopped = true;
      for (const some of [open, awaited]) some.splice(0, some.length, ...some.filter((other) => other !== show));
      await organise.cancel(it);
    }
  }

  /** What is sold again afterwards costs more or less than its holder has paid. */
  async function reprice({ id, organiser, kinds: [first, second] }: OpenShow): Promise<void> {
    const kind = chance(0.5) ? first : second;
    if (!kind) return;
    done.prices++;
    await organise.reprice({ id, organiser, kindId: kind.id }, 500 * upTo(8));
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
      const show = chance(impatientShare) && awaited.length > 0 ? pick(awaited) : await current();
      if (!show) return;
      linger(() => stop(show));
      if (chance(repriceShare)) linger(() => reprice(show));
      const wanted = someTickets(show);
      // Some want exactly what somebody else wants at the same moment.
      const rivals = chance(0.4) ? [pick(buyers), pick(buyers)] : [pick(buyers)];
      await Promise.all(rivals.map((buyer) => buy(buyer, show, wanted)));
    },
  };
}

interface Line {
  readonly kindId: string;
  readonly quantity: number;
}

/** What to wait for instead of an order that was sold out, if it was for one kind. */
const lineFor = ({ lines = [] }: Pick<NewOrder, 'lines'>): Line | undefined =>
  lines.length === 1 ? lines[0] : undefined;

const codeOf = ({ answer }: Command): unknown => (answer?.body as { code?: unknown } | undefined)?.code;

function remember(shows: OpenShow[], show: OpenShow): void {
  if (shows.includes(show)) return;
  shows.push(show);
  if (shows.length > 3) shows.shift();
}
