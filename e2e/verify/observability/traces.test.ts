import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ReceivedSpan, spansInJson } from '@box-office/common/testing/spans';
import { parse } from 'yaml';
import { serviceNames } from '../../../services.ts';
import type { SentSpans } from './recorder.ts';
import { collectorSettings, traceFaults } from './traces.ts';

const root = resolve(import.meta.dirname, '../../..');
const traceId = randomBytes(16).toString('hex');
const everybody = ['gateway', ...serviceNames, 'stripe'];

/** What a process sends of a purchase. */
function sentBy(service: string): SentSpans {
  const name = service === 'orders' ? 'publish orders.*.completed' : 'a span';
  const spans = [{ traceId, spanId: randomBytes(8).toString('hex'), name, kind: 2 }];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  return { type: 'application/json', encoding: '', body: Buffer.from(body) };
}

describe('the trace of a purchase', () => {
  /** In place of the Collector and of Jaeger, which shows what has arrived. */
  let server: Server;
  let arrived: ReceivedSpan[];
  let takes: (service: string) => boolean;
  let refuses: boolean;
  let tags: readonly string[];

  beforeEach(async () => {
    [arrived, takes, refuses, tags] = [[], () => true, false, ['http.route']];
    server = createServer(async (req, res) => {
      if (req.method === 'GET') return void res.end(JSON.stringify(shown()));
      const spans = spansInJson(JSON.parse(await text(req)));
      if (!refuses) arrived.push(...spans.filter(({ service }) => takes(service)));
      res.writeHead(refuses ? 404 : 200).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const shown = () => ({
    data: [
      {
        spans: arrived.map(({ spanId }) => ({ spanID: spanId, tags: tags.map((key) => ({ key })) })),
        processes: Object.fromEntries(arrived.map(({ service }) => [service, { serviceName: service }])),
      },
    ],
  });
  const faults = (sent: readonly SentSpans[]) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return traceFaults({ collector: { url }, jaeger: { url } }, sent, 0);
  };

  it('is complete with a span of everybody who has a part in it', async () => {
    expect(await faults(everybody.map(sentBy))).toEqual([]);
  });

  it.each(everybody.filter((it) => it !== 'orders'))('lacks those of %s if it sends none', async (silent) => {
    const sent = everybody.filter((it) => it !== silent).map(sentBy);
    expect(await faults(sent)).toEqual([expect.stringMatching(new RegExp(`has none of ${silent}$`))]);
  });

  it('is not looked for unless an order was completed', async () => {
    const sent = everybody.filter((it) => it !== 'orders').map(sentBy);
    expect(await faults(sent)).toEqual(['no service has sent the span of an order that is complete']);
  });

  it('lacks what the Collector loses', async () => {
    takes = (service) => service !== 'mail';
    expect(await faults(everybody.map(sentBy))).toEqual([expect.stringMatching(/Jaeger lacks 1; .* none of mail$/)]);
  });

  it('is not taken by a Collector that receives something else', async () => {
    refuses = true;
    expect(await faults(everybody.map(sentBy))).toEqual([expect.stringMatching(/^the Collector answers 404 /)]);
  });

  it('tells nothing of callers', async () => {
    tags = ['http.route', 'client.address'];
    expect(await faults(everybody.map(sentBy))).toEqual([expect.stringMatching(/knows of callers: client.address$/)]);
  });
});

describe('the settings of the Collector', () => {
  const file = 'infra/k8s-setup/observability/traces/collector.yaml';
  const here = { receives: '127.0.0.1:1', sends: '127.0.0.1:2' };
  let copy: string;

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'box-office-traces-'));
    await cp(join(root, file), join(copy, file), { recursive: true });
  });

  afterEach(() => rm(copy, { recursive: true, force: true }));

  it('are the deployed ones with other addresses', async () => {
    expect(parse(await collectorSettings(copy, here))).toMatchObject({
      receivers: { otlp: { protocols: { http: { endpoint: here.receives } } } },
      exporters: { otlp: { endpoint: here.sends } },
      service: { extensions: [] },
    });
  });

  it.each([
    ['receive where nobody sends', '0.0.0.0:4318', '0.0.0.0:4317'],
    ['send to nobody', 'jaeger:4317', 'jaeger:4318'],
  ])('are refused if they %s', async (_, from, to) => {
    const deployed = await readFile(join(copy, file), 'utf8');
    expect(deployed).toContain(from);
    await writeFile(join(copy, file), deployed.replace(from, to));
    await expect(collectorSettings(copy, here)).rejects.toThrow(`${from} is not in the settings`);
  });
});
