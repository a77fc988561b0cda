import { commandLine } from '@box-office/common/command';
import type { LogLine } from '../api/logs.ts';
import { type ConsoleClient, exitWith, options } from '../client/console-client.ts';
import { tellNewest } from '../client/newest.ts';
import { clock, plain, print } from '../client/print.ts';

const { values, positive } = commandLine({
  name: 'npm run logs',
  does: 'lists the newest log lines of all processes, oldest first',
  options: {
    follow: { does: 'goes on with what is logged from now on' },
    service: { value: 'NAME', does: 'only of this process' },
    level: { value: 'LEVEL', does: 'the lowest: debug, info, warn or error' },
    order: { value: 'ORDER', does: 'only about this order' },
    trace: { value: 'TRACE', does: 'only of this trace' },
    q: { value: 'TEXT', does: 'only with this text in them' },
    limit: { value: 'NUMBER', default: '50', does: 'how many, at most 200' },
    ...options,
  },
  notes: ['Exits with 0, and with 2 when it could not be told.'],
});

async function main(console: ConsoleClient): Promise<number> {
  const { service, level, order, trace, q, json, follow } = values;
  const list = {
    path: '/api/logs',
    query: { service, level, order, trace, q },
    keyOf: ({ number }: LogLine) => number,
  };
  return tellNewest(console, list, {
    limit: positive('limit', values.limit),
    json,
    follow: follow ? 'log' : undefined,
    tell(items) {
      for (const line of items) print(told(line));
    },
  });
}

function told({ at, service, level, message, fields }: LogLine): string {
  const more = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const weight = level === 'info' ? '' : `${level} `;
  return plain(`${clock(at)} ${service.padEnd(10)} ${weight}${[message, ...more].join(' ')}`);
}

await exitWith(values, main);
