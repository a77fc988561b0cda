import { hasBegun } from '@box-office/common/contracts/begun';
import type { EventContract } from '@box-office/common/contracts/event';
import { Id, Version } from '@box-office/common/contracts/primitives';
import type { Show } from '@box-office/common/contracts/shows';
import {
  OverReason,
  type WaitingEntry as Snapshot,
  WaitingJoined,
  WaitingLeft,
  WaitingOver,
  WaitingServed,
  WaitingState,
} from '@box-office/common/contracts/waiting';
import { derivedId } from '@box-office/common/derived-id';
import { type Change, changed, unchanged } from '@box-office/common/store/change';
import { z } from 'zod';

/** One person's place in the line for tickets of one kind. */
export const Entry = z.object({
  id: Id,
  version: Version,
  showId: Id,
  kindId: Id,
  kind: z.string(),
  title: z.string(),
  quantity: z.int().positive(),
  userId: z.string(),
  /** By what the limits count: see `countedBy`. Null in entries stored before the field existed, which the user is. */
  by: z.string().nullable().default(null),
  /** Drawn when the person joined: who has a lower one joined before. */
  number: z.int().positive(),
  /** Which of the places it takes that one person may have in lines; null if that is not limited. */
  place: z.int().positive().nullable(),
  state: WaitingState,
  reason: OverReason.nullable(),
  orderId: Id.nullable(),
  /** Whether its order may have been made already. Stored before that is tried, so that a crash in between is found. */
  isTried: z.boolean(),
});
export type Entry = z.infer<typeof Entry>;

/** The order that is made for an entry always has this id, so it is made at most once, whoever makes it. */
export const orderIdFor = ({ id }: Pick<Entry, 'id'>): string => derivedId(id, 'order', 0);

type Facts = Omit<Entry, 'version' | 'state' | 'reason' | 'orderId' | 'isTried' | 'by'> & { readonly by?: string };

export const join = (facts: Facts): Change<Entry> =>
  changed(
    { by: null, ...facts, version: 0, state: 'waiting', reason: null, orderId: null, isTried: false },
    WaitingJoined,
  );

export function beginServing(entry: Entry): Change<Entry> {
  return entry.state !== 'waiting' || entry.isTried ? unchanged(entry) : changed({ ...entry, isTried: true });
}

/** The person has an order for as many as they waited for. */
export function serve(entry: Entry, orderId: string): Change<Entry> {
  return end(entry, { state: 'served', orderId }, WaitingServed);
}

export const leave = (entry: Entry): Change<Entry> => end(entry, { state: 'left' }, WaitingLeft);

export const giveUp = (entry: Entry, reason: OverReason): Change<Entry> =>
  end(entry, { state: 'over', reason }, WaitingOver);

/** Whatever came first counts. */
function end(entry: Entry, more: Partial<Entry>, event: EventContract<Snapshot>): Change<Entry> {
  return entry.state === 'waiting' ? changed({ ...entry, ...more }, event) : unchanged(entry);
}

/** Whether a line is served now, or perhaps later, or why it is over. */
export function standingOf(show: Show, kindId: string, now: Date): 'serve' | 'later' | OverReason {
  const kind = show.kinds.find(({ id }) => id === kindId);
  if (show.state === 'cancelled') return 'show-cancelled';
  if (!kind || hasBegun(show, now) || (kind.salesUntil && isPast(kind.salesUntil, now))) return 'sale-over';
  const isForSale = show.state === 'on-sale' && (!kind.salesFrom || isPast(kind.salesFrom, now));
  return isForSale ? 'serve' : 'later';
}

const isPast = (instant: string, now: Date): boolean => Date.parse(instant) <= now.getTime();

export function snapshot(entry: Entry): Snapshot {
  const { id, version, showId, kindId, kind, title, quantity, userId, state, reason, orderId } = entry;
  return {
    ...{ id, version, showId, kindId, kind, title, quantity, userId, state },
    ...(reason ? { reason } : {}),
    ...(orderId ? { orderId } : {}),
  };
}

const eventByState = { waiting: WaitingJoined, served: WaitingServed, left: WaitingLeft, over: WaitingOver } as const;

export const current = ({ state }: Entry): readonly EventContract[] => [eventByState[state]];
