const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `3 s`, `5 min`, `2 h`, `4 d`: how long something took or has lasted, as short as can be. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  if (length < minute) return `${Math.floor(length / second)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  if (length < 2 * day) return `${Math.floor(length / hour)} h`;
  return `${Math.floor(length / day)} d`;
}

/** `850 µs`, `12.3 ms`, `1.24 s`, `2 min 5 s` */
export function duration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1_000)} µs`;
  if (ms < 100) return `${Number(ms.toFixed(1))} ms`;
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${(ms / second).toFixed(2)} s`;
  if (ms < minute) return `${(ms / second).toFixed(1)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min ${Math.floor((ms % minute) / second)} s`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h ${Math.floor((ms % hour) / minute)} min`;
  return `${Math.floor(ms / day)} days`;
}

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${Number((count / 1_000).toPrecision(3))} kB`;
  if (count < 1_000_000_000) return `${Number((count / 1_000_000).toPrecision(3))} MB`;
  return `${Number((count / 1_000_000_000).toPrecision(3))} GB`;
}

const numbers = new Intl.NumberFormat('en');

export const count = (value: number): string => numbers.format(value);

/** `1 order`, `2 orders` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** An amount in the smallest unit of its currency, as people write it. */
export function money(amount: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(amount / 10 ** digits);
  } catch {
    return `${count(amount)} ${currency}`;
  }
}

/** Long ids differ most at their end. */
export const short = (id: string): string => (id.length > 14 ? `…${id.slice(-6)}` : id);

/** `…, … and …` */
export const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** In the local time zone, `17:04:31`, with the day before it when that is not today: `28 Nov 17:04:31`. */
export function clock(at: number, now: number, withMs = false): string {
  const date = new Date(at);
  const ms = withMs ? `.${String(date.getMilliseconds()).padStart(3, '0')}` : '';
  const isToday = date.toDateString() === new Date(now).toDateString();
  return `${isToday ? '' : `${dayFormat.format(date)} `}${clockFormat.format(date)}${ms}`;
}

/** A value of a chart or table in its unit. */
export function inUnit(value: number, unit: 'per-second' | 'ms' | 'count' | 'bytes' | 'seconds'): string {
  if (unit === 'bytes') return bytes(value);
  if (unit === 'ms') return value === 0 ? '0 ms' : duration(value);
  if (unit === 'seconds') return value === 0 ? '0 s' : duration(value * 1_000);
  const rounded = Number(value.toPrecision(3));
  return unit === 'per-second' ? `${count(rounded)}/s` : count(rounded);
}
