import { setTimeout as sleep } from 'node:timers/promises';
import type { Show } from '@box-office/common/contracts/shows';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { notFound, problem } from '@box-office/common/problem';
import type { Aggregates } from '@box-office/common/store/aggregates';
import type { Change } from '@box-office/common/store/change';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import { currentTraceparent } from '@box-office/common/telemetry/trace';
import { claimOf, slotsOf } from './lookup.ts';
import type { Order } from './order.ts';
import { type Limits, type Places, placesFor, type Request, slotsFor } from './places.ts';
import { reserve } from './reserve.ts';
import type { FreeUnits, Pick } from './shows/free-units.ts';
import { mustBeForSale, reserveUnits, seatTaken, soldOut, totalOf, type Wanted } from './shows/reserve-show.ts';
import type { Unit } from './shows/show-units.ts';
import type { Turns } from './waiting/turns.ts';

export interface OrderingParts {
  readonly orders: Aggregates<Order>;
  readonly freeUnits: FreeUnits;
  readonly limits: Limits;
  readonly now: () => Date;
  readonly windowMs: number;
  /** How long those have who are served from a waiting list. */
  readonly waitingWindowMs: number;
  readonly turns: Turns;
}

/** Who orders, and the id that the order is to have. */
export interface Asked {
  readonly id: string;
  readonly userId: string;
  /** By what the limits count: see `countedBy`. */
  readonly by: string;
  /** Whether it is for somebody from the waiting list whose turn it is. */
  readonly isInTurn?: boolean;
}

/** Turns what people ask for into orders. Every refusal is a `Problem`. */
export interface Ordering {
  ticket(asked: Asked, ticket: Ticket | null): Promise<Order>;
  /** Any tickets of these kinds. */
  ofKinds(asked: Asked, show: Show | null, wanted: Wanted): Promise<Order>;
  /** These seats. */
  seats(asked: Asked, show: Show | null, ids: readonly string[]): Promise<Order>;
}

/** An order to be inserted. */
interface Try {
  readonly change: Change<Order>;
  /** After a unique index has refused it: finds out whether others have a claim of it. */
  readonly isClaimed: () => Promise<boolean>;
  /** Runs in any case. */
  readonly finally?: () => void;
}

/** How often to try again after collisions with other requests. */
const maxTries = 40;

/** What follows the order continues the trace that it was made in, also in other requests. */
const traced = (change: Change<Order>): Change<Order> => ({
  ...change,
  next: { ...change.next, traceparent: currentTraceparent() || null },
});

export function ordering(parts: OrderingParts): Ordering {
  const { orders, freeUnits, limits, now, windowMs, waitingWindowMs, turns } = parts;

  /** Inserts what `attempt` makes of free places, until no unique index refuses it, or `attempt` throws a refusal. */
  async function insert(id: string, request: Request, attempt: (places: Places) => Promise<Try>): Promise<Order> {
    let taken: ReadonlySet<string> = new Set();
    for (let tries = 1; tries <= maxTries; tries++) {
      const { change, isClaimed, ...it } = await attempt(placesFor(request, limits, taken));
      let isExplained = false;
      try {
        return await orders.add(traced(change));
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        isExplained = await isClaimed();
      } finally {
        it.finally?.();
      }
      if (!isExplained) {
        // An earlier attempt at the same request may have been only slow.
        const made = await orders.find(id);
        if (made) return made;
        taken = await takenOf(slotsFor(request, limits));
      }
      await sleep(Math.random() * Math.min(2 ** tries, 50));
    }
    throw problem('busy', 'Others are ordering the same at this moment. Please try again.', { retryAfterSeconds: 1 });
  }

  /** Whether another order has the ticket at the same attempt. */
  async function isTaken({ id, ticketId, attempt }: Order): Promise<boolean> {
    const other = await orders.findOne({ ticketId, attempt });
    return other !== null && other.id !== id;
  }

  async function takenOf(slots: readonly string[]): Promise<Set<string>> {
    if (slots.length === 0) return new Set();
    const found = await orders.query({ slots: { $in: [...slots] } });
    return new Set(found.flatMap((order) => slotsOf(order) ?? []));
  }

  /** `pick` chooses the tickets, again after each collision. */
  async function insertForShow(asked: Asked, show: Show, wanted: Wanted, pick: () => Promise<Pick>): Promise<Order> {
    const { id, userId, by, isInTurn = false } = asked;
    const quantity = [...wanted.values()].reduce((sum, it) => sum + it, 0);
    const isFree = totalOf(show, wanted) === 0;
    const request = { by, of: show.id, quantity, perPerson: show.perPerson ?? null, isFree, now: now() };
    const heldMs = isInTurn ? waitingWindowMs : windowMs;
    let awaited: readonly string[] = [];
    const order = await insert(id, request, async (places) => {
      const { units, correct, release } = await pick();
      try {
        if (!isInTurn) awaited = await turns.mustNotOvertake(asked, show, wanted);
        const change = reserveUnits({ id, userId, show, units, places, now: now(), windowMs: heldMs });
        return { change, isClaimed: correct, finally: release };
      } catch (error) {
        // Others would wait for it.
        release();
        throw error;
      }
    });
    await turns.settle(order, wanted, awaited);
    return order;
  }

  /** Whether somebody offers one of these themselves, as far as this process knows. Reads only if others had some. */
  async function offersOne(userId: string, units: readonly Unit[]): Promise<boolean> {
    const before = units.flatMap((unit) => (unit.attempt > 1 ? claimOf({ ...unit, attempt: unit.attempt - 1 }) : []));
    if (before.length === 0) return false;
    const found = await orders.query({ claims: { $in: before } });
    return found.some((order) => order.userId === userId && order.status === 'complete');
  }

  return {
    ticket({ id, userId, by }, ticket) {
      const of = ticket?.id ?? '';
      const request = { by, of, quantity: 1, perPerson: null, isFree: ticket?.price === 0, now: now() };
      return insert(id, request, async (places) => {
        // Passing over an unreadable last order would repeat its attempt, and blame its buyer for the duplicate key.
        const last = ticket && (await orders.findOne({ ticketId: ticket.id }, { attempt: -1 }));
        const change = reserve({ id, userId, ticket, last, places, now: now(), windowMs });
        return { change, isClaimed: () => isTaken(change.next) };
      });
    },

    ofKinds(asked, found, wanted) {
      const show = mustBeForSale(found, wanted, asked.userId, now());
      return insertForShow(asked, show, wanted, async () => {
        const picked = await freeUnits.pick(show, wanted);
        if ('left' in picked) throw soldOut(show, wanted, picked.left);
        return picked;
      });
    },

    async seats(asked, found, ids) {
      const show = mustBeForSale(found, new Map(), asked.userId, now());
      const seats = await freeUnits.seats(show, ids);
      if (!seats) throw notFound('There is no such seat.');
      const wanted = new Map(
        [...Map.groupBy(seats, ({ kindId }) => kindId)].map(([kind, { length }]) => [kind, length]),
      );
      mustBeForSale(show, wanted, asked.userId, now());
      return insertForShow(asked, show, wanted, async () => {
        const picked = await freeUnits.pickSeats(show, seats);
        if ('taken' in picked) throw seatTaken(picked.taken);
        try {
          if (!(await offersOne(asked.userId, picked.units))) return picked;
        } catch (error) {
          picked.release();
          throw error;
        }
        picked.release();
        throw problem('own-ticket', 'You offer one of these seats to others yourself.');
      });
    },
  };
}
