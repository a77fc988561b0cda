import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { eachOf, sendBytes } from '../raw.ts';
import type { Target } from '../target.ts';

const hidden = 'GET /api/hidden HTTP/1.1\r\nHost: localhost\r\nX-Hidden: yes\r\n\r\n';
const post = 'POST /api/payments/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const chunked = `0\r\n\r\n${hidden}`;

/** Requests whose end two servers see in different places, or that are none. Each may get one answer at most. */
const ambiguous: Readonly<Record<string, string>> = {
  'both lengths, CL first': `${post}Content-Length: ${chunked.length}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
  'both lengths, TE first': `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunked}`,
  'two lengths': `${post}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'a list of lengths': `${post}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}`,
  'a length with a sign': `${post}Content-Length: +0\r\n\r\n${hidden}`,
  'a negative length': `${post}Content-Length: -1\r\n\r\n${hidden}`,
  'a length in hex': `${post}Content-Length: 0x0\r\n\r\n${hidden}`,
  'a blank before the colon': `${post}Content-Length : 0\r\nTransfer-Encoding : chunked\r\n\r\n${chunked}`,
  'an encoding in disguise': `${post}Content-Length: ${chunked.length}\r\nTransfer-Encoding: xchunked\r\n\r\n${chunked}`,
  'an encoding after a tab': `${post}Content-Length: ${chunked.length}\r\nTransfer-Encoding:\tchunked\r\n\r\n${chunked}`,
  'an encoding on a folded line': `${post}Content-Length: ${chunked.length}\r\nTransfer-Encoding:\r\n chunked\r\n\r\n${chunked}`,
  'an encoding twice': `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n${chunked}`,
  'an encoding in quotes': `${post}Content-Length: ${chunked.length}\r\nTransfer-Encoding: "chunked"\r\n\r\n${chunked}`,
  'an encoding after a lone CR': `${post}Content-Length: ${chunked.length}\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n${chunked}`,
  'an encoding after a lone LF': `${post}Content-Length: ${chunked.length}\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
  'a chunk with a huge size': `${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n${hidden}`,
  'a chunk with a negative size': `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n${hidden}`,
  'a chunk with a lone LF': `${post}Transfer-Encoding: chunked\r\n\r\n0\n\n${hidden}`,
  'a chunk extension with a line break': `${post}Transfer-Encoding: chunked\r\n\r\n0;a="\n"\r\n\r\n${hidden}`,
  'an encoding that is chunked twice': `${post}Transfer-Encoding: chunked, chunked\r\nContent-Length: 4\r\n\r\n${chunked}`,
  'an encoding before another': `${post}Transfer-Encoding: chunked, identity\r\nContent-Length: 4\r\n\r\n${chunked}`,
  'an encoding with a vertical tab': `${post}Content-Length: ${chunked.length}\r\nTransfer-Encoding: \vchunked\r\n\r\n${chunked}`,
  'an encoding with an underscore': `${post}Content-Length: ${chunked.length}\r\nTransfer_Encoding: chunked\r\n\r\n${chunked}`,
  'a length on a folded line': `${post}Content-Length:\r\n 0\r\n\r\n${hidden}`,
  'a length with a decimal point': `${post}Content-Length: 0.0\r\n\r\n${hidden}`,
  'a length beyond 64 bits': `${post}Content-Length: 18446744073709551616\r\n\r\n${hidden}`,
  'a length and no blank line': `${post}Content-Length: 0\r\nX: y\n${hidden}`,
  'a chunk size and more': `${post}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${hidden}`,
  'a chunk size with an underscore': `${post}Transfer-Encoding: chunked\r\n\r\n0_0\r\n\r\n${hidden}`,
  'a chunk that is longer than its size': `${post}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n${hidden}`,
  'a chunk that ends with CR alone': `${post}Transfer-Encoding: chunked\r\n\r\n1\r\na\r0\r\n\r\n${hidden}`,
  'HTTP/1.0 with chunks': `${post.replace('1.1', '1.0')}Transfer-Encoding: chunked\r\nContent-Length: ${chunked.length}\r\n\r\n${chunked}`,
  'two names': 'GET /api/tickets HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere.example\r\n\r\n',
  'no name': 'GET /api/tickets HTTP/1.1\r\n\r\n',
  'a name with a path': 'GET /api/tickets HTTP/1.1\r\nHost: localhost/api/orders\r\n\r\n',
  'a name and another in the target': 'GET http://elsewhere.example/api/tickets HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a tunnel': 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a tunnel to auth': 'CONNECT auth:3000 HTTP/1.1\r\nHost: auth:3000\r\n\r\n',
  'a target for a proxy': 'GET http://127.0.0.1:22/ HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n',
  'a target with a user': 'GET http://localhost@elsewhere.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'an asterisk': 'GET * HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'HTTP/0.9': 'GET /api/orders\r\n\r\n',
  'HTTP/3.0 in text': 'GET /api/orders HTTP/3.0\r\nHost: localhost\r\n\r\n',
  'HTTP/2 in text': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an upgrade to h2c':
    'GET /api/orders HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n',
  'an upgrade to a socket':
    'GET /api/orders HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  'a thousand headers': `GET /api/orders HTTP/1.1\r\nHost: localhost\r\n${'X-A: b\r\n'.repeat(10_000)}\r\n`,
  'a header without an end': `GET /api/orders HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(200_000)}`,
  'a NUL in a header': 'GET /api/orders HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n',
  'a colon alone': 'GET /api/orders HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n',
  'TLS on a plain port': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
};

/** Neither the gateway nor a service takes the end of one request for the beginning of another. */
export const framing: Attack = {
  name: 'framing',
  promise: 'a request has one beginning and one end, whoever reads it, and a connection that is kept busy ends',
  async run(target, { effort }) {
    const faults: string[] = [];
    const ports = Object.entries({ gateway: target.port, ...target.servicePorts });
    const tries = Object.entries(ambiguous).flatMap(([what, bytes]) =>
      ports.map(([where, port]) => ({ what, bytes, where, port })),
    );
    const slowly = slow(target, effort === 'long' ? 200 : 20);
    await eachOf(tries, 8, async ({ what, bytes, where, port }) => {
      const { statuses, text } = await sendBytes(port, bytes, { withinMs: 1_000 });
      if (statuses.length > 1) faults.push(`${what} got ${statuses.join(' and ')} from ${where}`);
      // 501 and 505 refuse; Traefik has nothing but 500 for a chunk that it cannot read, and closes the connection.
      const mayBe = where === 'gateway' && what.startsWith('a chunk') ? [500, 501, 505] : [501, 505];
      if (statuses.some((status) => status === 101 || (status >= 500 && !mayBe.includes(status))))
        faults.push(`${what} was answered ${statuses.join()} by ${where}`);
      // Only what is public is answered with 2xx, and none of these is that alone.
      const isPublic = /^GET (http:\/\/\S+)?\/api\/tickets /.test(bytes) || text.includes('X-Page');
      if (where === 'gateway' && statuses[0] === 200 && !isPublic)
        faults.push(`${what} was answered ${statuses[0]} by ${where}`);
      if (where === 'gateway') faults.push(...(await othersAnswers(target)).map((fault) => `after ${what}: ${fault}`));
    });
    faults.push(...(await slowly));
    return { tried: tries.length, faults };
  },
};

/** What others get must be the answer to what they asked. */
async function othersAnswers({ shop, deal }: Target): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: 3 }, () => shop.ask('GET', `/api/tickets/${deal.ticketId}`)));
  return answers
    .filter(({ status, body }) => status !== 200 || JSON.parse(JSON.stringify(body)).id !== deal.ticketId)
    .map(({ status }) => `somebody else's request was answered ${status}`);
}

/** How slow connections begin: within the headers, within the body, or not at all. */
const beginnings = ['GET /api/tickets HTTP/1.1\r\nHost: localhost\r\n', `${post}Content-Length: 1000\r\n\r\n{`, ''];

/** Connections that send a byte now and then, or nothing: each is closed, and until then nobody else waits for them. */
async function slow({ port, shop, deal }: Target, count: number): Promise<string[]> {
  const closed = Promise.withResolvers<void>();
  let open = count;
  const sockets = Array.from({ length: count }, (_, number) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(beginnings[number % beginnings.length] ?? '');
    socket
      .on('data', () => undefined)
      .on('close', () => {
        open--;
        if (open === 0) closed.resolve();
      });
    return socket;
  });
  const drip = setInterval(() => {
    sockets.forEach((socket, number) => {
      if (!socket.destroyed && beginnings[number % beginnings.length]) socket.write('X');
    });
  }, 500);
  try {
    const startedAt = performance.now();
    const answer = await shop.ask('GET', `/api/tickets/${deal.ticketId}`);
    const waited = performance.now() - startedAt;
    // The gateway gives a request 15 s to arrive: whoever had to wait for these would wait as long.
    await Promise.race([closed.promise, sleep(25_000)]);
    return [
      ...(answer.status === 200 && waited < 12_000
        ? []
        : [`meanwhile somebody waited ${Math.round(waited)} ms for ${answer.status}`]),
      ...(open > 0 ? [`${open} of ${count} slow connections are still open after 25 s`] : []),
    ];
  } finally {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  }
}
