import { instantsAt, isKnownZone, offsetAt } from './zone.ts';

/** The days of a list, as they stand in its address. */
export interface Days {
  readonly from?: string;
  readonly to?: string;
  /** The zone in which the days begin and end. */
  readonly zone: string;
}

/** The days named in an address; what is no day is left out, and without a zone they are days in UTC. */
export function daysIn(from: string | undefined, to: string | undefined, zone: string | undefined): Days {
  return {
    ...(isDay(from) ? { from } : {}),
    ...(isDay(to) ? { to } : {}),
    zone: zone && isKnownZone(zone) ? zone : 'UTC',
  };
}

/** The first instant of the first day, and the first one after the last day. */
export function boundsOf({ from, to, zone }: Days): { readonly from?: string; readonly to?: string } {
  return { ...(from ? { from: startOf(from, zone) } : {}), ...(to ? { to: startOf(dayAfter(to), zone) } : {}) };
}

/** With four digits of the year, and so that the day after has them too. */
const isDay = (day: string | undefined): day is string =>
  day !== undefined && /^(19|2\d|3\d)\d\d-\d\d-\d\d$/.test(day) && instantsAt(`${day}T00:00`, 'UTC') !== undefined;

function startOf(day: string, zone: string): string {
  const [first] = instantsAt(`${day}T00:00`, zone) ?? [];
  if (first) return first;
  // The clocks skip midnight that day: by the offset before, it is the instant at which they do.
  const midnight = Date.parse(`${day}T00:00Z`);
  return new Date(midnight - offsetAt(midnight - 24 * 60 * 60 * 1000, zone)).toISOString();
}

const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00Z`) + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
