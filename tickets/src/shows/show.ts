import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { Currency, Id, Instant, Version } from '@box-office/common/contracts/primitives';
import {
  type Kind as KindSnapshot,
  type NewShow,
  NumberRange,
  ShowCancelled,
  ShowChanged,
  ShowPrepared,
  type Show as ShowSnapshot,
  ShowState,
} from '@box-office/common/contracts/shows';
import { derivedId } from '@box-office/common/derived-id';
import { problem } from '@box-office/common/problem';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';
import { wordsOf } from '../words.ts';
import { mustBePossible } from './possible.ts';

export const Kind = z.object({
  id: Id,
  name: z.string(),
  price: z.int().nonnegative(),
  /** How many tickets the organiser wants there to be; a job makes them or takes them off sale. */
  quantity: z.int().positive(),
  made: z.int().nonnegative(),
  removed: z.array(NumberRange).default([]),
  /** Of those that were removed: which have yet to be marked in their own documents. */
  marking: z.array(NumberRange).default([]),
  maxPerOrder: z.int().positive().nullable().default(null),
  salesFrom: Instant.nullable().default(null),
  salesUntil: Instant.nullable().default(null),
  seated: z.boolean(),
  /** Null in lists, which leave the labels out. */
  seats: z.array(z.string()).nullable().default(null),
});
export type Kind = z.infer<typeof Kind>;

export const Show = z.object({
  id: Id,
  version: Version,
  userId: z.string(),
  state: ShowState,
  title: z.string(),
  description: z.string().nullable().default(null),
  venue: z.object({ name: z.string(), address: z.string().nullable().default(null) }),
  timeZone: z.string(),
  startsAt: Instant,
  endsAt: Instant.nullable().default(null),
  currency: Currency,
  image: z.string().nullable().default(null),
  perPerson: z.int().positive().nullable().default(null),
  kinds: z.array(Kind).min(1),
});
export type Show = z.infer<typeof Show>;

/** Announces a show. Its tickets are made afterwards, and then it goes on sale. */
export function announce(id: string, userId: string, details: NewShow, now: Date): Change<Show> {
  const show = Show.parse({
    ...details,
    id,
    version: 0,
    userId,
    state: 'preparing',
    currency: details.currency ?? 'eur',
    kinds: details.kinds.map((kind, index) => ({
      ...kind,
      id: derivedId(id, 'kind', index),
      made: 0,
      seated: (kind.seats ?? null) !== null,
    })),
  });
  mustBePossible(show, now);
  return changed(show, ShowPrepared);
}

/** Stops the sale until it is resumed; what is held or sold stays so. */
export function pause(show: Show, userId: string): Change<Show> {
  mustBeOrganiser(show, userId);
  mustBeAlive(show);
  if (show.state === 'paused') return unchanged(show);
  if (show.state === 'preparing') throw problem('show-preparing', 'The tickets of the show are still being made.');
  return changed({ ...show, state: 'paused' }, ShowChanged);
}

export function resume(show: Show, userId: string): Change<Show> {
  mustBeOrganiser(show, userId);
  mustBeAlive(show);
  if (show.state !== 'paused') return unchanged(show);
  return changed({ ...show, state: 'on-sale' }, ShowChanged);
}

/** Final. */
export function cancel(show: Show, userId: string): Change<Show> {
  mustBeOrganiser(show, userId);
  if (show.state === 'cancelled') return unchanged(show);
  return changed({ ...show, state: 'cancelled' }, ShowCancelled);
}

export function mustBeOrganiser(show: Show, userId: string): void {
  if (show.userId !== userId) throw problem('not-your-show', 'Only the organiser can do that.');
}

export function mustBeAlive(show: Show): void {
  if (show.state === 'cancelled') throw problem('show-cancelled', 'The show is cancelled.');
}

export function kindOf(show: Show, kindId: string): Kind {
  const kind = show.kinds.find(({ id }) => id === kindId);
  if (!kind) throw problem('not-found', 'The show has no such kind of tickets.');
  return kind;
}

/** How many tickets of a kind exist and have not been taken off sale. */
export const standing = ({ made, removed }: Kind): number =>
  removed.reduce((left, { first, last }) => left - (last - first + 1), made);

export const isKindUnfinished = (kind: Kind): boolean =>
  kind.marking.length > 0 || standing(kind) !== kind.quantity || (kind.seats !== null && kind.made < kind.seats.length);

/** Whether the job that makes the tickets has something to do. */
export const isUnfinished = ({ state, kinds }: Show): boolean => state !== 'cancelled' && kinds.some(isKindUnfinished);

/** A new show goes on sale once all of its tickets are there. */
export const settled = (show: Show): Show =>
  show.state === 'preparing' && !isUnfinished(show) ? { ...show, state: 'on-sale' } : show;

export function snapshot({ kinds, venue, ...show }: Show): ShowSnapshot {
  const { description, endsAt, image, perPerson, ...facts } = show;
  return {
    ...facts,
    ...(description === null ? {} : { description }),
    ...(endsAt === null ? {} : { endsAt }),
    ...(image === null ? {} : { image }),
    ...(perPerson === null ? {} : { perPerson }),
    venue: { name: venue.name, ...(venue.address === null ? {} : { address: venue.address }) },
    kinds: kinds.map(kindSnapshot),
  };
}

function kindSnapshot(kind: Kind): KindSnapshot {
  const { removed, marking: _, maxPerOrder, salesFrom, salesUntil, seated: __, seats, ...facts } = kind;
  return {
    ...facts,
    ...(removed.length === 0 ? {} : { removed }),
    ...(maxPerOrder === null ? {} : { maxPerOrder }),
    ...(salesFrom === null ? {} : { salesFrom }),
    ...(salesUntil === null ? {} : { salesUntil }),
    ...(seats === null ? {} : { seats }),
  };
}

export function current({ state }: Show): readonly EventContract[] {
  if (state === 'cancelled') return [ShowCancelled];
  return [state === 'preparing' ? ShowPrepared : ShowChanged];
}

/** The fields that lists are filtered and sorted by. */
export function lookup(show: Show) {
  const { id, state, startsAt, title, venue } = show;
  return {
    unfinished: isUnfinished(show),
    listed: state === 'on-sale' || state === 'paused',
    order: orderOf(startsAt, id),
    words: wordsOf(`${title} ${venue.name} ${venue.address ?? ''}`),
  };
}

/** Sorts shows by their start; the id makes it unique. */
export const orderOf = (startsAt: string, id: string): string => `${startsAt}_${id}`;

export const isOver = (show: Pick<Show, 'startsAt'>, now: Date): boolean => hasBegun(show, now);
