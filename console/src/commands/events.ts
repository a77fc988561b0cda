import { commandLine } from '@box-office/common/command';
import type { Event } from '../api/events.ts';
import { type ConsoleClient, exitWith, options } from '../client/console-client.ts';
import { tellNewest } from '../client/newest.ts';
import { clock, print, table } from '../client/print.ts';

const { values, positive } = commandLine({
  name: 'npm run events',
  does: 'lists the newest events, oldest first',
  options: {
    follow: { does: 'goes on with what happens from now on' },
    stream: { value: 'NAME', does: 'only of this stream' },
    type: { value: 'TYPE', does: 'only of this type, such as order.completed' },
    order: { value: 'ORDER', does: 'only about this order' },
    id: { value: 'ID', does: 'only about the thing with this id' },
    q: { value: 'TEXT', does: 'only with this text in them' },
    limit: { value: 'NUMBER', default: '20', does: 'how many, at most 200' },
    ...options,
  },
  notes: ['Exits with 0, and with 2 when it could not be told.'],
});

async function main(console: ConsoleClient): Promise<number> {
  const { stream, type, order, id, q, json, follow } = values;
  const list = {
    path: '/api/events',
    query: { stream, type, order, id, q },
    keyOf: ({ stream, seq }: Event) => `${stream}:${seq}`,
  };
  return tellNewest(console, list, {
    limit: positive('limit', values.limit),
    json,
    follow: follow ? 'event' : undefined,
    tell: (items) => items.length > 0 && print(table(items.map(row))),
  });
}

const row = ({ at, stream, seq, type, id, version, orderId, traceId }: Event): string[] => [
  clock(at),
  `${stream} ${seq}`,
  type,
  id,
  version === undefined ? '' : `v${version}`,
  [orderId && orderId !== id ? `order ${orderId}` : '', traceId ? `trace ${traceId}` : ''].filter(Boolean).join(' '),
];

await exitWith(values, main);
