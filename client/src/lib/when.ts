import { isKnownZone, offsetAt, placeOf, wallAt } from './zone.ts';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * When something takes place, in local time there: `Sat, 21 Nov 2026, 20:00, Berlin time (GMT+1)`; in UTC if there is
 * no zone or this machine does not know it. Formatted by hand, so that server and browser give the same result.
 */
export function showThere(instant: string, timeZone: string | undefined): string {
  return `${dayOf(wallIn(instant, knownOr(timeZone)))}, ${showTimeThere(instant, timeZone)}`;
}

/** The same without the day, for what is soon: `20:00, Berlin time (GMT+1)`. */
export function showTimeThere(instant: string, timeZone: string | undefined): string {
  const zone = knownOr(timeZone);
  const wall = wallIn(instant, zone);
  const place = placeOf(zone);
  const offset = showOffset(instant, zone);
  const which = place ? `${place} time (${offset})` : zone === 'UTC' ? 'UTC' : offset;
  return `${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}, ${which}`;
}

const knownOr = (timeZone: string | undefined): string => (timeZone && isKnownZone(timeZone) ? timeZone : 'UTC');

const wallIn = (instant: string, timeZone: string): Date => new Date(wallAt(Date.parse(instant), timeZone));

const dayOf = (wall: Date): string =>
  `${days[wall.getUTCDay()]}, ${wall.getUTCDate()} ${months[wall.getUTCMonth()]} ${wall.getUTCFullYear()}`;

/** A day such as 2026-11-21: `Sat, 21 Nov 2026`. */
export const showDay = (day: string): string => dayOf(new Date(`${day}T00:00:00Z`));

/** `GMT`, `GMT+1`, `GMT+5:45`. */
export function showOffset(instant: string, timeZone: string): string {
  const minutes = Math.round(offsetAt(Date.parse(instant), timeZone) / 60_000);
  if (minutes === 0) return 'GMT';
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `GMT${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${two(rest)}`}`;
}

const two = (value: number) => `${value}`.padStart(2, '0');
