import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pino from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { eventually } from '../testing/eventually.ts';
import { answerOn, type RawAnswer, type Served, sendRaw, serve } from '../testing/raw-http.ts';
import { createApp } from './app.ts';
import type { BodyLimits } from './body.ts';
import { rawBody, route } from './route.ts';

const open = {
  who: 'anyone',
  summary: 'Something to send to',
  answers: { 200: { description: 'Done', body: z.unknown() } },
} as const;
const handle = async () => ({ status: 200, body: {} }) as const;

const routes = [
  route('POST /json', { ...open, body: z.object({ title: z.string() }), handle }),
  route('POST /raw', { ...open, who: 'signature', body: rawBody(256_000), handle }),
  route('POST /bare', { ...open, handle }),
];

let served: Served;
let sockets: Socket[];
beforeEach(() => {
  sockets = [];
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  served.close();
});

const start = async (bodies: BodyLimits = {}) => {
  const logger = pino({ level: 'silent' });
  served = await serve(
    createApp({ name: 'kit', logger, metrics: new Registry(), routes, readiness: () => [], bodies }),
  );
};

const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

/** Sends the beginning of a body and nothing more. */
function stall(path: string, length: number, sent: Buffer): Promise<RawAnswer> {
  const socket = connect(served.port, '127.0.0.1');
  sockets.push(socket);
  socket.write(head(path, length));
  socket.write(sent);
  return answerOn(socket);
}

const metrics = () => fetch(`http://127.0.0.1:${served.port}/metrics`);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function buffersInUse(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

const whole = () => sendRaw(served.port, head('/json', 13), '{"title":"x"}');

describe('a body that never ends', () => {
  it('is refused after the time limit', async () => {
    await start({ withinMs: 200 });
    const { status, headers } = await stall('/json', 100, Buffer.from('{'));
    expect(status).toBe(408);
    expect(headers.get('connection')).toBe('close');
  });

  it('is refused even if it arrives byte by byte', async () => {
    await start({ withinMs: 300 });
    const answer = stall('/json', 90_000, Buffer.from('{'));
    const drip = setInterval(() => sockets[0]?.write(' '), 20);
    expect((await answer).status).toBe(408);
    clearInterval(drip);
  });

  it('is not waited for if the answer does not depend on it', async () => {
    await start();
    expect((await stall('/bare', 90_000, Buffer.from('{'))).status).toBe(200);
    expect((await stall('/json', 9_900_000, Buffer.from('{'))).status).toBe(413);
  });
});

describe('many bodies that never end', () => {
  it.each([
    ['/json', 99_000],
    ['/raw', 250_000],
    ['/bare', 9_900_000],
  ])('take no more memory than the limit for all of them: %s', async (path, length) => {
    const heldBytes = 4_000_000;
    // None is to time out before it has been counted.
    await start({ heldBytes, withinMs: 60_000 });
    const sent = Buffer.alloc(Math.min(length, 250_000) - 1, ' ');
    const before = buffersInUse();
    let refused = 0;
    for (let i = 0; i < 120; i++) {
      void stall(path, length, sent).then(({ status }) => {
        if (status === 503) refused += 1;
      });
    }
    if (path !== '/bare') await eventually(async () => expect(refused).toBeGreaterThan(10));
    const held = /^http_request_body_bytes_held (\d+)$/m.exec(await (await metrics()).text())?.[1];
    expect(Number(held)).toBeLessThanOrEqual(heldBytes);
    if (path !== '/bare') expect(Number(held)).toBeGreaterThan(heldBytes / 2);
    // Once the refused ones are gone. The unread part of each connection's buffer comes on top.
    const unread = 120 * 16_384;
    await eventually(async () => expect(buffersInUse() - before).toBeLessThan(heldBytes + unread));
  });

  it('do not have small bodies refused, although they take all that there is', async () => {
    await start({ heldBytes: 1_000_000, withinMs: 60_000 });
    const large = Array.from({ length: 12 }, () => stall('/json', 99_000, Buffer.alloc(98_000, ' ')));
    expect((await Promise.race(large)).status).toBe(503);
    // These fill the gap that is too small for one more of those.
    for (let i = 0; i < 120; i++) {
      void stall('/json', 100, Buffer.from('{'));
      expect((await whole()).status).toBe(200);
    }
  });

  it('do not affect other requests once their connections are closed', async () => {
    await start({ heldBytes: 200_000 });
    const stalled = [1, 2, 3].map(() => stall('/json', 99_000, Buffer.alloc(98_000, ' ')));
    const { status, headers } = await Promise.race(stalled);
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => expect((await whole()).status).toBe(200));
  });
});

describe('a body in tiny pieces', () => {
  it('takes no more memory than one in a single piece', async () => {
    await start({ heldBytes: 2_048 });
    const pieces = Array.from({ length: 1_000 }, () => '1\r\n \r\n');
    const chunked = head('/json', 0).replace('Content-Length: 0', 'Transfer-Encoding: chunked');
    const { status, body } = await sendRaw(served.port, chunked, ...pieces, '0\r\n\r\n');
    expect([status, JSON.parse(body).code]).toEqual([400, 'invalid-json']);
  });
});
