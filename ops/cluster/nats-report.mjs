// Reads a NATS server's JetStream report (/jsz?streams=true&consumers=true) and prints it like `nats server report
// jetstream`. Plain JavaScript without dependencies: it is used when something is wrong.
import { text } from 'node:stream/consumers';

/** @returns {string[]} lines */
export function report(jsz, now = Date.now()) {
  const streams = (jsz.account_details ?? []).flatMap(({ stream_detail = [] }) => stream_detail);
  if (streams.length === 0) return ['There are no streams.'];
  const byName = streams.toSorted((a, b) => a.name.localeCompare(b.name));
  return [
    ...table(
      ['Stream', 'Messages', 'Size', 'First', 'Last', 'Last message', 'Leader'],
      byName.map(({ name, state, cluster }) => [
        name,
        state.messages,
        size(state.bytes),
        state.first_seq,
        state.last_seq,
        state.messages > 0 ? ago(state.last_ts, now) : 'never',
        cluster?.leader ?? '–',
      ]),
    ),
    '',
    ...table(
      ['Stream', 'Consumer', 'To be heard', 'In hand', 'Delivered again', 'Waiting pulls', 'Heard up to'],
      byName.flatMap(({ name, consumer_detail = [] }) =>
        consumer_detail
          .toSorted((a, b) => a.name.localeCompare(b.name))
          .map((it) => [
            name,
            it.name,
            it.num_pending,
            it.num_ack_pending,
            it.num_redelivered,
            it.num_waiting,
            it.ack_floor.stream_seq,
          ]),
      ),
    ),
  ];
}

function table(heads, rows) {
  const cells = [heads, ...rows].map((row) => row.map(String));
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  // Names left-aligned, figures right-aligned.
  const isFigure = heads.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  return cells.map((row) =>
    row
      .map((cell, column) => (isFigure[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${(bytes / 1024 ** power).toFixed(power > 0 ? 1 : 0)} ${units[power]}`;
}

function ago(time, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3_600)} h ago`;
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  for (const line of report(JSON.parse(await text(process.stdin)))) console.log(line);
}
