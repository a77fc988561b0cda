import type { Request, Response } from 'express';
import { invalid, missing, Refusal } from './refusal.ts';
import type { Intent } from './rows.ts';
import { API_VERSION } from './views.ts';

export type Audience = 'secret' | 'public';

/** One call on its way through the API. */
export interface Call {
  req: Request;
  res: Response;
  id: string;
  path: string;
  version: string;
  audience: Audience;
  /** The parameters, from the body or the query string, without the key. */
  given: Record<string, unknown>;
}

export interface ApiKeys {
  secretKey: string;
  publishableKey: string;
}

/** Reads the key, the version and the parameters of a request, or refuses it. */
export function callOf(req: Request, res: Response, keys: ApiKeys, publishable: boolean): Call {
  if (req.method === 'POST' && req.is('application/json')) {
    throw invalid(
      'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.',
    );
  }
  const source: unknown = req.method === 'POST' ? (req.body ?? {}) : req.query;
  const { key, _stripe_version, ...given } = Object.fromEntries(Object.entries(source ?? {}));
  const version = req.get('stripe-version') ?? (typeof _stripe_version === 'string' ? _stripe_version : API_VERSION);
  if (!/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) throw invalid(`Invalid Stripe API version: ${version}`);
  res.set('stripe-version', version);
  const audience = audienceOf(keyIn(req.get('authorization')) ?? key, keys, publishable);
  return { req, res, id: String(res.get('request-id')), path: req.path, version, audience, given };
}

function audienceOf(key: unknown, keys: ApiKeys, publishable: boolean): Audience {
  if (typeof key !== 'string') {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (key === keys.secretKey) return 'secret';
  if (key !== keys.publishableKey) {
    throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}****${key.slice(-4)}`);
  }
  if (publishable) return 'public';
  throw unauthorized(
    'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
    'secret_key_required',
  );
}

/** API version 2026-10-28 has no payment_method_types in requests any more. */
export function refuseRemovedParams(call: Call): void {
  if (call.version < '2026-10-28' || !('payment_method_types' in call.given)) return;
  throw invalid('Received unknown parameter: payment_method_types', 'payment_method_types', 'parameter_unknown');
}

/** A browser proves with the client secret which payment is its own. */
export function checkSecret(intent: Intent, secret: string | undefined, call: Call): void {
  if (secret === undefined && call.audience === 'public') throw missing('client_secret');
  if (secret !== undefined && secret !== intent.secret) {
    throw invalid(
      'The client_secret provided does not match the client_secret associated with this PaymentIntent.',
      'client_secret',
      'payment_intent_invalid_parameter',
    );
  }
}

/** `Bearer sk_…`, or the user name of basic authentication, as curl -u sends it. */
function keyIn(authorization: string | undefined): string | undefined {
  const [scheme, value] = authorization?.split(' ') ?? [];
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64').toString().split(':')[0];
}

function unauthorized(message: string, code?: string): Refusal {
  return new Refusal(401, { type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) });
}
