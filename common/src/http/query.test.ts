import pino from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { type Served, sendRaw, serve } from '../testing/raw-http.ts';
import { createApp } from './app.ts';
import { pageOf, pageQuery } from './paging.ts';
import { route } from './route.ts';

const things = route('GET /things', {
  who: 'anyone',
  summary: 'Something to ask',
  query: pageQuery(),
  answers: { 200: pageOf(z.unknown(), 'A page') },
  handle: async () => ({ status: 200, body: [], next: undefined }),
});
const logger = pino({ level: 'silent' });
let served: Served;

beforeAll(async () => {
  const app = createApp({ name: 'kit', logger, metrics: new Registry(), routes: [things], readiness: () => [] });
  served = await serve(app);
});
afterAll(() => served.close());

const ask = (query: string) =>
  sendRaw(served.port, `GET /things?${query} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n`);

describe('a query', () => {
  it.each(['limit=5;', 'limit=5&q=opera;', 'limit=5&q=%zz', 'limit=5&q=%', '%l=1', 'limit=5;limit=6'])(
    'that the gateway reads in another way is refused: %s',
    async (query) => {
      const { status, body } = await ask(query);
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ code: 'invalid-request', errors: [{ field: 'query' }] });
    },
  );

  it('may contain a semicolon that is encoded', async () => {
    const { body } = await ask('limit=%35&cursor=%3b');
    expect(JSON.parse(body)).toMatchObject({ errors: [{ field: 'cursor' }] });
  });
});
