import type { z } from 'zod';
// The type alone: neither an image nor a browser has that file.
import type { Announcer } from '../../../services.ts';

export type { Announcer };

/**
 * What an event is called, who announces it and what it carries. A contract only describes: it holds no connection and loads in a browser.
 *
 * `data` is always the full public snapshot of one aggregate, with its `id` and `version`, so a listener never needs an earlier event to understand a later one.
 */
export interface EventContract<Data extends Snapshot = Snapshot> {
  /** `<aggregate>.<what happened>`, for example `ticket.created`; stands in `ce-type`. */
  readonly type: string;
  readonly announcedBy: Announcer;
  readonly data: z.ZodType<Data>;
  /** One sentence for people; `docs/events.md` is made from it. */
  readonly summary: string;
}

/** What every announced aggregate carries. `version` rises by one with each change, from 0. */
export interface Snapshot {
  readonly id: string;
  readonly version: number;
}

/** Declares an event of one service. */
export function defineEvent<Data extends Snapshot>(contract: EventContract<Data>): EventContract<Data> {
  return Object.freeze(contract);
}

/** Where an event of one aggregate is published: `tickets.66f0….updated`. */
export function subjectOf(contract: EventContract, aggregateId: string): string {
  return `${contract.announcedBy}.${aggregateId}.${whatHappened(contract)}`;
}

/** Every subject of one kind of event: `tickets.*.updated`. */
export function subjectsOf(contract: EventContract): string {
  return subjectOf(contract, '*');
}

function whatHappened(contract: EventContract): string {
  return contract.type.slice(contract.type.indexOf('.') + 1);
}

/**
 * Every event that carries this kind of snapshot, from a module of contracts (`import * as orders`), so that who keeps a copy hears all of them:
 * an event that is missed leaves the copy wrong until the next one comes.
 */
export function eventsWith<Data extends Snapshot>(
  data: z.ZodType<Data>,
  contracts: Readonly<Record<string, unknown>>,
): EventContract<Data>[] {
  const carriesIt = (value: unknown): value is EventContract<Data> =>
    typeof value === 'object' && value !== null && 'announcedBy' in value && 'data' in value && value.data === data;
  return Object.values(contracts).filter(carriesIt);
}
