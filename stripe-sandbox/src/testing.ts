import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import type { RunningSandbox } from './server.ts';

/** What the tests beside this file share. */

export function stripeFor(sandbox: { host: string; port: number }, key = 'sk_test_sandbox'): Stripe {
  return new Stripe(key, {
    host: sandbox.host,
    port: sandbox.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

export interface Received {
  event: Stripe.Event;
  at: number;
}

export interface Receiver {
  url: string;
  received: Received[];
  types(): string[];
  /** What it answers, for the next webhooks. */
  answer: number;
  /** How many it has refused. */
  refused: number;
  stop(): Promise<void>;
}

/** A webhook endpoint as payments has one: it believes only what stripe-node verifies. */
export async function startReceiver(secret = 'whsec_sandbox'): Promise<Receiver> {
  const received: Received[] = [];
  const stripe = new Stripe('sk_test_sandbox');
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(Buffer.from(chunk));
    try {
      const header = String(req.headers['stripe-signature']);
      const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), header, secret);
      if (receiver.answer < 300) received.push({ event, at: Date.now() });
      else receiver.refused += 1;
      res.statusCode = receiver.answer;
    } catch {
      res.statusCode = 400;
    }
    res.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/api/payments/webhook`,
    received,
    types: () => received.map(({ event }) => event.type),
    answer: 200,
    refused: 0,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The receiver does not listen on a port');
  return address;
}

/** The error a call is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('The call was not refused');
}

/** A payment as payments makes it: cards only, captured later. */
export const cardsOnly = {
  amount: 1500,
  currency: 'eur',
  capture_method: 'manual',
  allowed_payment_method_types: ['card'],
} satisfies Stripe.PaymentIntentCreateParams;

export async function authorized(stripe: Stripe, method = 'pm_card_visa'): Promise<Stripe.PaymentIntent> {
  const { id } = await stripe.paymentIntents.create(cardsOnly);
  return stripe.paymentIntents.confirm(id, { payment_method: method });
}

/** A call as a browser makes it: the publishable key, a form, no stripe-node. */
export function fromBrowser(sandbox: RunningSandbox, path: string, form: Record<string, string>): Promise<Response> {
  return fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer pk_test_sandbox',
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://localhost:3000',
    },
    body: new URLSearchParams(form),
  });
}
