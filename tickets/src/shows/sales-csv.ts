import { decimalPrice } from '@box-office/common/contracts/money';
import type { Sales } from '@box-office/common/contracts/shows';

/** A number stays one; text is made harmless. */
type Cell = number | string | { readonly decimal: string };

/** The sales as a table, RFC 4180: a line for each kind and one for all, or a line for each day. */
export function salesCsv({ currency, kinds, total, days }: Sales, by: 'kind' | 'day'): string {
  const money = (amount: number) => ({
    decimal: `${amount < 0 ? '-' : ''}${decimalPrice(Math.abs(amount), currency)}`,
  });
  const rows: Cell[][] =
    by === 'day'
      ? days.map((it) => [it.day, it.sold, it.refunded, money(it.money), currency.toUpperCase()])
      : [...kinds, { ...total, name: 'Total' }].map((it) => [
          ...[it.name, it.made, it.reserved, it.sold, it.refunded],
          ...[money(it.money), currency.toUpperCase()],
        ]);
  const head =
    by === 'day'
      ? ['day', 'sold', 'refunded', 'money', 'currency']
      : ['kind', 'made', 'reserved', 'sold', 'refunded', 'money', 'currency'];
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * All text is quoted: a spreadsheet that splits lines at semicolons, tabs or blanks too, as it does in some countries,
 * would otherwise take the rest of a name for a cell of its own, which may be a formula.
 */
function cell(value: Cell): string {
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'object') return value.decimal;
  const harmless = startsFormula.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/**
 * What spreadsheets take for a formula, which may run programs or send data away, also with blanks before it. An
 * apostrophe in front makes it text: owasp.org/www-community/attacks/CSV_Injection. The full-width signs count too,
 * because some spreadsheets convert them.
 */
const startsFormula = /^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;
