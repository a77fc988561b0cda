import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { execa } from 'execa';
import type { Page } from './api/page.ts';
import type { Console } from './console.ts';
import { openConsole } from './console-under-test.ts';

const run = (command: string, ...args: string[]) =>
  execa(process.execPath, [join(import.meta.dirname, `commands/${command}.ts`), ...args], { reject: false });

describe('the commands of the console', () => {
  it.each(['story', 'events', 'streams', 'logs', 'traces'])('say what is wrong: %s', async (command) => {
    const words = command === 'story' ? ['f'.repeat(24)] : [];
    const [help, unknown, away] = await Promise.all([
      run(command, '--help'),
      run(command, '--everything'),
      run(command, ...words, '--url', 'http://127.0.0.1:1'),
    ]);
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`npm run ${command}`) });
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--everything') });
    expect(away).toMatchObject({ exitCode: 2, stderr: 'No console answers at http://127.0.0.1:1.' });
  });
});

describe('the commands of a console that has read logs and traces', () => {
  let dir: string;
  let opened: Console;
  let origin: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'console-commands-'));
    ({ opened, origin } = await openConsole(dir, { LOGS_DIR: dir, DATA_DIR: dir }));
  });

  afterAll(async () => {
    await opened.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const told = async (command: string, ...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(command, ...args, '--url', origin);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    // The time of day depends on where the test runs.
    return stdout.replaceAll(/^\d\d:\d\d:\d\d +/gm, '');
  };

  const listed = (path: string, many: number) =>
    eventually(async () => {
      const { items } = (await (await fetch(origin + path)).json()) as Page<unknown>;
      expect(items).toHaveLength(many);
    });

  it('show log lines, the oldest of the newest first, with nothing that a terminal would act on', async () => {
    const line = (fields: object) =>
      `${JSON.stringify({ level: 30, time: '2030-01-01T12:00:00.000Z', name: 'orders', ...fields })}\n`;
    await writeFile(
      join(dir, 'orders.log'),
      [
        line({ msg: 'request', method: 'GET', status: 200 }),
        line({ level: 40, msg: 'slow', err: { message: 'no answer' } }),
        line({ msg: 'titled \u202eaivarT aL\u001b[2J', title: 'a\nb' }),
      ].join(''),
    );
    await listed('/api/logs', 3);
    expect(await told('logs')).toBe(
      [
        'orders     request method=GET status=200',
        'orders     warn slow err={"message":"no answer"}',
        'orders     titled \\u202eaivarT aL\\u001b[2J title=a\\u000ab',
      ].join('\n'),
    );
    const messages = async (...args: string[]) =>
      JSON.parse(await told('logs', '--json', ...args)).map((it: { message: string }) => it.message);
    expect(await messages()).toEqual(['request', 'slow', expect.stringMatching(/^titled/)]);
    expect(await messages('--limit', '2')).toEqual(['slow', expect.stringMatching(/^titled/)]);
    expect(await told('logs', '--level', 'warn')).toBe('orders     warn slow err={"message":"no answer"}');
  });

  it('list traces, and show one with its spans below those that caused them', async () => {
    const [ordering, looking] = ['a'.repeat(32), 'b'.repeat(32)];
    const at = (ms: number) => `${1_900_000_000_000_000_000n + BigInt(ms) * 1_000_000n}`;
    const span = (traceId: string, spanId: string, name: string, [from, to]: [number, number], more = {}) => ({
      ...{ traceId, spanId: spanId.repeat(16), name, kind: 2 },
      ...{ startTimeUnixNano: at(from), endTimeUnixNano: at(to), ...more },
    });
    const spansOf = (service: string, spans: readonly object[]) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ spans }],
    });
    const about = [{ key: 'box_office.order.id', value: { stringValue: 'f'.repeat(24) } }];
    const sent = await fetch(`${origin}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [
          spansOf('orders', [span(ordering, '1', 'POST /api/orders', [0, 12], { attributes: about })]),
          spansOf('payments', [
            span(ordering, '2', 'process orders.*.created', [3, 5], {
              parentSpanId: '1'.repeat(16),
              status: { code: 2, message: 'away' },
            }),
          ]),
          spansOf('tickets', [span(looking, '3', 'GET /api/tickets', [20, 24])]),
        ],
      }),
    });
    expect(sent.status).toBe(200);
    const [newest, older] = [
      `${looking}  4 ms   1 span             GET /api/tickets  tickets`,
      `${ordering}  12 ms  2 spans  1 failed  POST /api/orders  orders, payments (order ${'f'.repeat(24)})`,
    ];
    await listed('/api/traces', 2);
    expect(await told('traces')).toBe([newest, older].join('\n'));
    expect(await told('traces', '--errors')).toBe(older);
    expect(await told('traces', ordering)).toBe(
      [
        '     +0.0     12.0 ms  orders: POST /api/orders',
        '     +3.0      2.0 ms    payments: process orders.*.created (failed)',
      ].join('\n'),
    );
    expect(JSON.parse(await told('traces', ordering, '--json'))).toMatchObject({ traceId: ordering });
  });
});
