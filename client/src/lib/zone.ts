/** A local time, in milliseconds as if it were UTC. */
export type WallMs = number;

const dayMs = 24 * 60 * 60 * 1000;

/** More than there are named zones; `Intl` also takes thousands of offsets such as `+01:23`. */
const mostClocks = 1_000;

/** By names in lower case: `Intl` takes them in any case, and nobody may fill the memory with spellings of one. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** How many clocks are kept. */
export const clocksKept = (): number => clocks.size;

function clockIn(timeZone: string): Intl.DateTimeFormat {
  const name = timeZone.toLowerCase();
  const known = clocks.get(name);
  if (known) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const clock = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    era: 'short',
    second: 'numeric',
    ...numeric,
  });
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(name, clock);
  return clock;
}

/** Whether this machine knows the zone; an old browser may lack a new one. */
export function isKnownZone(timeZone: string): boolean {
  try {
    clockIn(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** The local time in a zone at an instant. */
export function wallAt(ms: number, timeZone: string): WallMs {
  const parts = Object.fromEntries(
    clockIn(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((part) =>
    Number(parts[part]),
  ) as [number, number, number, number, number, number];
  const wall = new Date(0);
  wall.setUTCFullYear(parts.era === 'BC' ? 1 - year : year, month - 1, day);
  wall.setUTCHours(hour, minute, second);
  return wall.getTime();
}

/** How far a zone is ahead of UTC, in milliseconds. */
export const offsetAt = (ms: number, timeZone: string): number => {
  const wholeSeconds = Math.floor(ms / 1000) * 1000;
  return wallAt(wholeSeconds, timeZone) - wholeSeconds;
};

/** An instant as the value of an `<input type="datetime-local">`: `2026-11-21T20:30`. */
export function localIn(instant: string, timeZone: string): string {
  return new Date(wallAt(Date.parse(instant), timeZone)).toISOString().slice(0, 16);
}

/**
 * The instants with this local time in a zone, earliest first: usually one, none for a time skipped in spring, two for
 * one repeated in autumn. Undefined if it is not a valid time.
 */
export function instantsAt(local: string, timeZone: string): string[] | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local)) return undefined;
  const wall = Date.parse(`${local}Z`);
  // Date accepts 31 February as a day in March.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 16) !== local) return undefined;
  // A zone changes its offset at most once within two days, so it is either the offset before or the one after.
  const offsets = [wall - dayMs, wall + dayMs].map((ms) => offsetAt(ms, timeZone));
  const candidates = [...new Set(offsets.map((offset) => wall - offset))].toSorted((a, b) => a - b);
  return candidates.filter((ms) => wallAt(ms, timeZone) === wall).map((ms) => new Date(ms).toISOString());
}

/** `Berlin` for Europe/Berlin; undefined for a name without a place, such as UTC or Etc/GMT+5. */
export function placeOf(timeZone: string): string | undefined {
  if (!timeZone.includes('/') || timeZone.startsWith('Etc/')) return undefined;
  return timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' ');
}
