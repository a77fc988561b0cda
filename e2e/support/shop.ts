import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Order } from '@box-office/common/contracts/orders';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';
import { MongoClient } from 'mongodb';
import { type Platform, type PlatformOptions, startPlatform } from '../../infra/local/platform.ts';

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Somebody with a session, who talks to the platform as a program does: through the gateway, with a token. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** The session as a browser holds it. */
  readonly cookie: string;
  readonly token: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer may be anything; what a test expects of it, it says
  call<Body = any>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
}

/** A whole platform of a test's own. */
export interface Shop {
  readonly platform: Platform;
  /** The platform's state folder. */
  readonly dir: string;
  person(): Promise<Person>;
  sell(seller: Person, details?: object): Promise<Ticket>;
  /** Resolves once orders knows the ticket, so that it can be ordered. */
  known(ticket: Ticket): Promise<void>;
  pay(buyer: Person, order: Order, card?: string): Promise<Answer<unknown>>;
  /** What a service holds in its own database. */
  // biome-ignore lint/suspicious/noExplicitAny: documents as they lie there
  stored(service: string, collection: string, filter?: object): Promise<any[]>;
  end(): Promise<void>;
}

/** Opens a shop in a folder of its own, or in one that is given; both are removed at its end. */
export async function openShop({
  dir: given,
  ...options
}: Omit<PlatformOptions, 'dir'> & { dir?: string }): Promise<Shop> {
  const dir = given ?? (await mkdtemp(join(tmpdir(), 'box-office-shop-')));
  const lines: string[] = [];
  const platform = await startPlatform({
    ...options,
    dir,
    logs(name, line) {
      lines.push(`${name} ${line}`);
      if (lines.length > 200) lines.shift();
      options.logs?.(name, line);
    },
  }).catch((error) => {
    throw new Error(`the platform did not start; its last lines:\n${lines.slice(-40).join('\n')}`, { cause: error });
  });
  const mongo = new MongoClient(platform.addresses.mongo ?? '');
  let people = 0;

  const ask = async (method: string, path: string, body: unknown, headers: Record<string, string>) => {
    const response = await fetch(new URL(path, platform.url), {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };

  const shop: Shop = {
    platform,
    dir,

    async person() {
      const email = `person-${++people}-${Date.now()}@example.com`;
      const password = 'correct horse battery';
      const signedUp = await ask('POST', '/api/auth/signup', { email, password }, {});
      if (signedUp.status !== 201)
        throw new Error(`signing up was answered ${signedUp.status} ${JSON.stringify(signedUp.body)}`);
      const { body } = await ask('POST', '/api/auth/token', { email, password }, {});
      return {
        id: signedUp.body.id,
        email,
        password,
        cookie: signedUp.headers.get('set-cookie')?.split(';')[0] ?? '',
        token: body.token,
        call: (method, path, sent, headers = {}) =>
          ask(method, path, sent, { Authorization: `Bearer ${body.token}`, ...headers }),
      };
    },

    async sell(seller, details = {}) {
      const answer = await seller.call<Ticket>('POST', '/api/tickets', { title: 'Opera', price: 1500, ...details });
      if (answer.status !== 201) throw new Error(`selling was answered ${answer.status}`);
      return answer.body;
    },

    async known(ticket) {
      await eventually(async () => {
        const [copy] = await shop.stored('orders', 'known-tickets', { _id: ticket.id });
        if (!copy) throw new Error(`orders never heard of ticket ${ticket.id}`);
      });
    },

    async pay(buyer, order, card = '4242424242424242') {
      const begun = await buyer.call('POST', '/api/payments', { orderId: order.id });
      if (begun.status >= 300) return begun;
      const { clientSecret, publishableKey } = begun.body;
      const form = new URLSearchParams({
        'payment_method_data[type]': 'card',
        'payment_method_data[card][number]': card,
        'payment_method_data[card][exp_month]': '12',
        'payment_method_data[card][exp_year]': '2034',
        'payment_method_data[card][cvc]': '123',
        client_secret: clientSecret,
        return_url: platform.url,
      });
      const intent = String(clientSecret).split('_secret_')[0];
      const confirm = new URL(`/v1/payment_intents/${intent}/confirm`, platform.addresses.stripe);
      const response = await fetch(confirm, {
        method: 'POST',
        headers: { Authorization: `Bearer ${publishableKey}` },
        body: form,
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },

    async stored(service, collection, filter = {}) {
      return mongo.db(service).collection(collection).find(filter).toArray();
    },

    async end() {
      await mongo.close();
      await platform.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return shop;
}
