/** An instant as the value of an `<input type="datetime-local">`, in the time zone of whoever looks. */
export function localInputValue(instant: string): string {
  const date = new Date(instant);
  const two = (value: number) => `${value}`.padStart(2, '0');
  const day = `${`${date.getFullYear()}`.padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What such an input holds as an instant; undefined when it is none. */
export function instantOf(local: string): string | undefined {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** `Sat, 21 Nov 2026, 20:00`, in the time zone of whoever looks, or in the one that is given. */
export function showInstant(instant: string, timeZone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone ? { timeZone, timeZoneName: 'short' } : {}),
  });
  return format.format(new Date(instant));
}
