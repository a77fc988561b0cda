import type { z } from 'zod';
// Only the type, because neither images nor browsers have that file.
import type { Announcer } from '../../../services.ts';

export type { Announcer };

/**
 * The name of an event, the service that announces it, and its data. A contract is pure data and loads in a browser.
 *
 * `data` is always the full public snapshot of one aggregate, with its `id` and `version`, so a listener never needs an
 * earlier event to understand a later one.
 */
export interface EventContract<Data extends Snapshot = Snapshot> {
  /** `<aggregate>.<what happened>`, for example `ticket.created`; sent as `ce-type`. */
  readonly type: string;
  readonly announcedBy: Announcer;
  readonly data: z.ZodType<Data>;
  /** One sentence; `docs/events.md` is generated from it. */
  readonly summary: string;
}

/** What every announced aggregate has. `version` rises by one with each announced change, from 0. */
export interface Snapshot {
  readonly id: string;
  readonly version: number;
}

/** Declares an event of one service. */
export function defineEvent<Data extends Snapshot>(contract: EventContract<Data>): EventContract<Data> {
  return Object.freeze(contract);
}

/** The subject of an event of one aggregate: `tickets.66f0….updated`. */
export function subjectOf(contract: EventContract, aggregateId: string): string {
  return `${contract.announcedBy}.${aggregateId}.${whatHappened(contract)}`;
}

/** The wildcard subject of one kind of event: `tickets.*.updated`. */
export function subjectsOf(contract: EventContract): string {
  return subjectOf(contract, '*');
}

function whatHappened(contract: EventContract): string {
  return contract.type.slice(contract.type.indexOf('.') + 1);
}

/**
 * All events with this kind of snapshot, from a module of contracts (`import * as orders`). A service with a copy must
 * listen to all of them: a missed event leaves the copy outdated until the next one.
 */
export function eventsWith<Data extends Snapshot>(
  data: z.ZodType<Data>,
  contracts: Readonly<Record<string, unknown>>,
): EventContract<Data>[] {
  const carriesIt = (value: unknown): value is EventContract<Data> =>
    typeof value === 'object' && value !== null && 'announcedBy' in value && 'data' in value && value.data === data;
  return Object.values(contracts).filter(carriesIt);
}
