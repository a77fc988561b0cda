import { z } from 'zod';
import { nextCursor } from '../../../lib/paging.ts';
import { read, Unavailable } from '../../../server/gateway.ts';

const account = z.record(z.string(), z.unknown());
const page = z.array(z.unknown());
/** More pages than this are read by no person. */
const mostPages = 1_000;

const lists = {
  orders: '/api/orders',
  waitingList: '/api/waiting-list',
  tickets: '/api/tickets/mine',
  shows: '/api/shows/mine',
};

/** What is stored about the visitor, as a file: the account, and what it has bought, waits for and sells. */
export async function GET(): Promise<Response> {
  const back = '/account';
  try {
    const data: Record<string, unknown> = (await read('/api/auth/data', account, back)).data;
    for (const [name, api] of Object.entries(lists)) data[name] = await allOf(api, back);
    return new Response(`${JSON.stringify(data, null, 2)}\n`, {
      headers: {
        'Content-Type': 'application/json',
        'Content-Disposition': 'attachment; filename="box-office.json"',
        'Cache-Control': 'no-store',
      },
    });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error('%s', error.message, error.cause ?? '');
    return new Response('Your data cannot be read at the moment. Please try again.\n', {
      status: 503,
      headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', 'Retry-After': '5' },
    });
  }
}

async function allOf(api: string, back: string): Promise<unknown[]> {
  const all: unknown[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages++) {
    const wanted = new URLSearchParams({ limit: '100', ...(cursor ? { cursor } : {}) });
    const { data, headers } = await read(`${api}?${wanted}`, page, back);
    all.push(...data);
    cursor = nextCursor(headers.get('link'));
    if (!cursor) return all;
  }
  throw new Unavailable(`GET ${api} has more than ${mostPages} pages`);
}
