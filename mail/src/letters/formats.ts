import { decimalPrice, decimalsOf, exponentOf } from '@box-office/common/contracts/money';
import type { Currency } from '@box-office/common/contracts/primitives';

/** Amounts and times as people of one language write them. */
export interface Formats {
  money(amount: number, currency: Currency): string;
  /** With the weekday and the name of the time zone; in UTC if there is none. */
  time(instant: string, timeZone?: string): string;
}

export function formats(locale: string): Formats {
  return {
    money(amount, currency) {
      const format = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: currency.toUpperCase(),
        minimumFractionDigits: decimalsOf(currency),
        maximumFractionDigits: exponentOf(currency),
      });
      // Intl formats a decimal string exactly; a quotient would be rounded.
      return format.format(decimalPrice(amount, currency) as Intl.StringNumericLiteral);
    },
    time: (instant, timeZone) => oClock(locale, inZone(locale, timeZone).format(new Date(instant))),
  };
}

/** German says `20:00 Uhr`, which Intl leaves out. */
const oClock = (locale: string, time: string): string =>
  locale.startsWith('de') ? time.replace(/\d\d:\d\d/, '$& Uhr') : time;

function inZone(locale: string, timeZone = 'UTC'): Intl.DateTimeFormat {
  const parts: Intl.DateTimeFormatOptions = {
    ...({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const),
    ...({ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const),
  };
  try {
    return new Intl.DateTimeFormat(locale, { ...parts, timeZone });
  } catch {
    // A zone that another release of the time zone database knows.
    return new Intl.DateTimeFormat(locale, { ...parts, timeZone: 'UTC' });
  }
}
