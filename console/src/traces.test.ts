import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@box-office/common/testing/eventually';
import { PbfWriter } from 'pbf';
import { spansIn } from './sources/otlp.ts';
import { fromProtobuf } from './sources/otlp-protobuf.ts';
import { type Traces, traces } from './sources/traces.ts';

const traceOf = (number: number) => number.toString(16).padStart(32, '0');
const start = 1_900_000_000_000_000_000n;

/** A request with one trace: an HTTP request that publishes an event. */
const request = (traceId: string, orderId = 'f'.repeat(24), name = 'POST /api/orders') => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: '1'.repeat(16),
              name,
              kind: 2,
              startTimeUnixNano: `${start}`,
              endTimeUnixNano: `${start + 12_345_678n}`,
              attributes: [
                { key: 'box_office.order.id', value: { stringValue: orderId } },
                { key: 'http.response.status_code', value: { intValue: '201' } },
                { key: 'http.request.header.authorization', value: { stringValue: 'Bearer very-secret' } },
              ],
            },
            {
              traceId,
              spanId: '2'.repeat(16),
              parentSpanId: '1'.repeat(16),
              name: 'publish orders.*.created',
              kind: 4,
              startTimeUnixNano: `${start + 1_000_000n}`,
              endTimeUnixNano: `${start + 2_000_000n}`,
              status: { code: 2, message: 'away' },
            },
          ],
        },
      ],
    },
  ],
});

/** The same as protobuf, for the first span. */
function protobuf(traceId: string): Uint8Array {
  const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
  const attribute = (key: string, write: (value: PbfWriter) => void) => (_: unknown, pbf: PbfWriter) => {
    pbf.writeStringField(1, key);
    pbf.writeMessage(2, (__: unknown, value: PbfWriter) => write(value), undefined);
  };
  const fixed64 = (pbf: PbfWriter, tag: number, value: bigint) => {
    pbf.writeTag(tag, 1);
    pbf.writeFixed32(Number(value & 0xffffffffn));
    pbf.writeFixed32(Number(value >> 32n));
  };
  const span = (_: unknown, pbf: PbfWriter) => {
    pbf.writeBytesField(1, hex(traceId));
    pbf.writeBytesField(2, hex('1'.repeat(16)));
    pbf.writeStringField(3, 'state that is not shown');
    pbf.writeStringField(5, 'POST /api/orders');
    pbf.writeVarintField(6, 2);
    fixed64(pbf, 7, start);
    fixed64(pbf, 8, start + 12_345_678n);
    pbf.writeMessage(
      9,
      attribute('http.response.status_code', (it) => it.writeVarintField(3, 201)),
      undefined,
    );
    pbf.writeMessage(15, (__: unknown, it: PbfWriter) => it.writeVarintField(3, 2), undefined);
  };
  const writer = new PbfWriter();
  const resource = (_: unknown, pbf: PbfWriter) =>
    pbf.writeMessage(
      1,
      attribute('service.name', (it) => it.writeStringField(1, 'gateway')),
      undefined,
    );
  writer.writeMessage(
    1,
    (_: unknown, pbf: PbfWriter) => {
      pbf.writeMessage(1, resource, undefined);
      pbf.writeMessage(2, (__: unknown, it: PbfWriter) => it.writeMessage(2, span, undefined), undefined);
    },
    undefined,
  );
  return writer.finish();
}

describe('what is received as OTLP', () => {
  it('becomes spans, without secrets', () => {
    const spans = spansIn(request(traceOf(1)));
    expect(spans[0]).toEqual({
      traceId: traceOf(1),
      spanId: '1'.repeat(16),
      name: 'POST /api/orders',
      service: 'orders',
      kind: 'server',
      at: 1_900_000_000_000,
      durationMs: 12.345,
      status: 'unset',
      attributes: {
        'box_office.order.id': 'f'.repeat(24),
        'http.response.status_code': 201,
        'http.request.header.authorization': '•••',
      },
      events: [],
      links: [],
    });
    expect(spans[1]).toMatchObject({ parentId: '1'.repeat(16), kind: 'producer', status: 'error', durationMs: 1 });
  });

  it('may be protobuf', () => {
    expect(spansIn(fromProtobuf(protobuf(traceOf(2))))).toEqual([
      expect.objectContaining({
        traceId: traceOf(2),
        service: 'gateway',
        name: 'POST /api/orders',
        kind: 'server',
        at: 1_900_000_000_000,
        durationMs: 12.345,
        status: 'error',
        attributes: { 'http.response.status_code': 201 },
      }),
    ]);
  });

  it.each(['', 'no json', '[]', '{"resourceSpans": 1}'])('is refused if it is something else: %s', (text) => {
    expect(() => spansIn(text && JSON.parse(text))).toThrow(/./);
  });
});

describe('the traces on disk', () => {
  let dir: string;
  const opened: Traces[] = [];
  const failures: unknown[] = [];
  const open = (sizes?: { segmentBytes: number; segments: number }) => {
    const it = traces(dir, { tell: () => {} }, (_, error) => failures.push(error), sizes);
    opened.push(it);
    return it;
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'traces-'));
  });
  afterEach(async () => {
    for (const it of opened.splice(0)) await it.stop();
    await rm(dir, { recursive: true, force: true });
    expect(failures.splice(0)).toEqual([]);
  });

  const all = { limit: 200, before: undefined };

  it('are found by what they are about, and survive a restart', async () => {
    const first = open();
    first.take(spansIn(request(traceOf(1))));
    first.take(spansIn(request(traceOf(2), 'e'.repeat(24), 'GET /api/tickets')));
    await eventually(() => expect(first.list(all).items).toHaveLength(2));
    await first.stop();
    const [name] = (await readdir(dir)).toSorted();
    await appendFile(join(dir, `${name}`), '{"traceId":"cut sho');

    const second = open();
    await eventually(() => expect(second.list(all).items).toHaveLength(2));
    const ids = (filter: object) => second.list({ ...all, ...filter }).items.map(({ traceId }) => traceId);
    expect(ids({ order: 'e'.repeat(24) })).toEqual([traceOf(2)]);
    expect(ids({ order: 'eee' })).toEqual([traceOf(2)]);
    expect(ids({ q: 'api/TICKETS' })).toEqual([traceOf(2)]);
    expect(ids({ service: 'mail' })).toEqual([]);
    expect(ids({ minMs: 13 })).toEqual([]);
    expect(ids({ errors: true })).toHaveLength(2);
    expect(second.list({ ...all, order: 'fff' }).items).toEqual([
      {
        traceId: traceOf(1),
        root: 'POST /api/orders',
        at: '2030-03-17T17:46:40.000Z',
        durationMs: 12.345,
        spans: 2,
        services: ['orders'],
        errors: 1,
        orderId: 'f'.repeat(24),
      },
    ]);
    expect((await second.one(traceOf(1))).spans.map((it) => it.name)).toEqual([
      'POST /api/orders',
      'publish orders.*.created',
    ]);
    expect((await second.one(traceOf(1))).root).toBe('POST /api/orders');
    await expect(second.one(traceOf(3))).rejects.toThrow(/no trace/);
  });

  it('begin with the path where the gateway names the method alone', async () => {
    const kept = open();
    const [span] = spansIn(request(traceOf(1), 'e'.repeat(24), 'POST'));
    if (span) kept.take([{ ...span, attributes: { 'url.path': '/api/orders' } }]);
    await eventually(() => expect(kept.list(all).items.map(({ root }) => root)).toEqual(['POST /api/orders']));
    expect((await kept.one(traceOf(1))).root).toBe('POST /api/orders');
  });

  it('take no more room than they may, and the oldest go first', async () => {
    const sizes = { segmentBytes: 20_000, segments: 3 };
    const kept = open(sizes);
    for (let n = 1; n <= 200; n++) kept.take(spansIn(request(traceOf(n))));
    await eventually(() => expect(kept.list(all).items.some(({ traceId }) => traceId === traceOf(200))).toBe(true));
    const bytes = await Promise.all((await readdir(dir)).map(async (it) => (await stat(join(dir, it))).size));
    expect(bytes.length).toBeLessThanOrEqual(3);
    expect(bytes.reduce((sum, it) => sum + it, 0)).toBeLessThanOrEqual(3 * sizes.segmentBytes);
    expect(kept.list(all).items.some(({ traceId }) => traceId === traceOf(1))).toBe(false);
    await expect(kept.one(traceOf(1))).rejects.toThrow(/or no longer/);
  });

  it('are refused when the disk does not keep up', () => {
    const kept = open();
    const many = Array.from({ length: 1_000 }, (_, n) => spansIn(request(traceOf(n + 1)))).flat();
    expect([1, 2, 3].map(() => kept.take(many))).toEqual([true, true, false]);
  });
});
