import type { Refusal } from './refusal.ts';
import type { Charge, EventType, Method, Row } from './rows.ts';

/** What a decision may know beside the rows it is about. */
export interface Facts {
  /** Seconds since 1970. */
  now: number;
  newId: (prefix: string) => string;
  method: (id: string) => Method | undefined;
  charge: (id: string) => Charge | undefined;
}

export interface Announcement {
  type: EventType;
  row: Row;
}

/**
 * What a call does: the rows it changes, the events it causes, and its answer. A declined card changes rows and is
 * refused, both.
 */
export interface Decision {
  shows: Row;
  puts: Row[];
  events: Announcement[];
  refusal?: Refusal;
}
