import { lookup } from 'node:dns';
import { once } from 'node:events';
import { type IncomingMessage, request as plainly } from 'node:http';
import { request as overTls } from 'node:https';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { confirmationForm, intentIdOf } from '@box-office/client/lib/card';
import type { Order } from '@box-office/common/contracts/orders';
import type { ShowAnswer } from '@box-office/common/contracts/shows';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { eventually } from '@box-office/common/testing/eventually';

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A user with a session who calls the platform as a program does: through the gateway, with a token. */
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

export type Guest = Omit<Person, 'password'>;

/**
 * A running platform as anybody sees it from outside, wherever it runs: its gateway, and the Stripe sandbox that its
 * buyers' browsers pay at.
 */
export interface Visitor {
  /** Where its shop is opened, such as `http://localhost:8080`. */
  readonly origin: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<unknown>>;
  person(): Promise<Person>;
  /** Somebody who buys without an account, with an address of their own or any other. */
  guest(email?: string): Promise<Guest>;
  sell(seller: Person, details?: object): Promise<Ticket>;
  /** Announces a show. Resolves once it is on sale. */
  announce(organiser: Person, details?: object): Promise<ShowAnswer>;
  /** Begins a payment and confirms it with a card, as the buyer's browser does. */
  pay(buyer: Person, order: Order, card?: string): Promise<Answer<unknown>>;
}

/**
 * Every name below localhost is this machine, which browsers know and not every resolver does; nor can fetch be told to
 * connect to another host than it asks for.
 */
async function fetchHere(url: URL, init: RequestInit): Promise<Response> {
  const asked = new Request(url, init);
  const toLocalhost: LookupFunction = (_name, options, found) => lookup('localhost', options, found);
  const sent = (url.protocol === 'https:' ? overTls : plainly)(url, {
    method: asked.method,
    headers: Object.fromEntries(asked.headers),
    lookup: toLocalhost,
    agent: false,
  });
  sent.end(await asked.text());
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    for (const value of values) headers.append(name, value);
  return new Response((await text(answer)) || null, { status: answer.statusCode ?? 0, headers });
}

/** What a buyer's browser asks of Stripe for a payment that was begun, as `fetch` takes it. */
export function confirmation(
  stripeUrl: string,
  { clientSecret, publishableKey }: { readonly clientSecret: string; readonly publishableKey: string },
  number: string,
  returnUrl: string,
): [url: URL, init: RequestInit] {
  const card = { number, expMonth: '12', expYear: '2034', cvc: '123' };
  return [
    new URL(`/v1/payment_intents/${intentIdOf(clientSecret)}/confirm`, stripeUrl),
    {
      method: 'POST',
      headers: { Authorization: `Bearer ${publishableKey}` },
      body: confirmationForm(card, clientSecret, returnUrl),
    },
  ];
}

export function visitor(origin: string, stripeUrl: string): Visitor {
  let people = 0;

  async function send(url: URL, init: RequestInit): Promise<Answer<unknown>> {
    const response = await (url.hostname.endsWith('.localhost') ? fetchHere : fetch)(url, {
      ...init,
      redirect: 'manual',
    });
    const said = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(said) : said };
  }

  const ask: Visitor['ask'] = (method, path, body, headers = {}) =>
    send(new URL(path, origin), {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function expected<Body>(status: number, what: string, answer: Promise<Answer<unknown>>) {
    const { status: was, headers, body } = await answer;
    if (was !== status) throw new Error(`${what} was answered ${was} ${JSON.stringify(body)}`);
    return { headers, body: body as Body };
  }

  function callerWith(token: string): Person['call'] {
    return (method, path, sent, more = {}) =>
      // biome-ignore lint/suspicious/noExplicitAny: see Person
      ask(method, path, sent, { Authorization: `Bearer ${token}`, ...more }) as Promise<Answer<any>>;
  }

  const newEmail = (): string => `person-${++people}-${Date.now()}@example.com`;

  return {
    origin,
    ask,

    async person() {
      const email = newEmail();
      const password = 'correct horse battery';
      const signUp = ask('POST', '/api/auth/signup', { email, password });
      const { body: user, headers } = await expected<{ id: string }>(201, 'signing up', signUp);
      const { body } = await ask('POST', '/api/auth/token', { email, password });
      const { token } = body as { token: string };
      return {
        id: user.id,
        email,
        password,
        cookie: headers.get('set-cookie')?.split(';')[0] ?? '',
        token,
        call: callerWith(token),
      };
    },

    async guest(email = newEmail()) {
      const made = ask('POST', '/api/auth/guest', { email, name: 'Ada Lovelace' });
      const { body: user, headers } = await expected<{ id: string }>(201, 'becoming a guest', made);
      const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
      const token = cookie.split('=')[1] ?? '';
      return { id: user.id, email, cookie, token, call: callerWith(token) };
    },

    async sell(seller, details = {}) {
      const listed = seller.call('POST', '/api/tickets', { title: 'Opera', price: 1500, ...details });
      return (await expected<Ticket>(201, 'selling', listed)).body;
    },

    async announce(organiser, details = {}) {
      const show = {
        title: 'Hamlet',
        venue: { name: 'Globe Theatre' },
        timeZone: 'Europe/London',
        startsAt: '2099-06-01T19:00:00Z',
        kinds: [{ name: 'Stalls', price: 1500, quantity: 10 }],
        ...details,
      };
      const made = await expected<{ id: string }>(201, 'announcing', organiser.call('POST', '/api/shows', show));
      return eventually(async () => {
        const { body } = await expected<ShowAnswer>(200, 'reading a show', ask('GET', `/api/shows/${made.body.id}`));
        if (body.state === 'preparing') throw new Error(`the tickets of show ${body.id} are still being made`);
        return body;
      });
    },

    async pay(buyer, order, card = '4242424242424242') {
      const begun = await buyer.call('POST', '/api/payments', { orderId: order.id });
      if (begun.status >= 300) return begun;
      return send(...confirmation(stripeUrl, begun.body, card, origin));
    },
  };
}
