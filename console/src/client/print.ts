import { printable } from '@box-office/common/telemetry/printable';

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, undefined, 2));
/** One value on one line, for what goes on. */
export const printJsonLine = (value: unknown): void => print(JSON.stringify(value));

/** On one line, with what a terminal would act on escaped: some of it was typed by people. */
export const plain = printable;

/** Columns as wide as their widest entry, the last one as long as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, place) => Math.max(...rows.map((row) => plain(row[place] ?? '').length))) ?? [];
  const lineOf = (row: readonly string[]) =>
    row.map((it, place) => (place === row.length - 1 ? plain(it) : plain(it).padEnd(widths[place] ?? 0))).join('  ');
  return rows.map((row) => lineOf(row).trimEnd()).join('\n');
}

/** The time of day here. */
export const clock = (at: string): string => new Date(at).toTimeString().slice(0, 8);
