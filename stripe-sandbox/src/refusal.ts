import type { Intent, Method } from './rows.ts';

export interface RefusalBody {
  type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error';
  message: string;
  code?: string | undefined;
  param?: string | undefined;
  decline_code?: string | undefined;
  charge?: string | undefined;
}

/** An answer that is an error in Stripe's form. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: RefusalBody;
  /**
   * Kept under the idempotency key and replayed. Stripe keeps no answer of a request that did not start to do anything.
   */
  readonly remembered: boolean;
  readonly intent: Intent | undefined;
  readonly method: Method | undefined;

  constructor(
    status: number,
    body: RefusalBody,
    about: { remembered?: boolean; intent?: Intent | undefined; method?: Method | undefined } = {},
  ) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.remembered = about.remembered ?? false;
    this.intent = about.intent;
    this.method = about.method;
  }
}

export function invalid(message: string, param?: string, code?: string): Refusal {
  return new Refusal(400, {
    type: 'invalid_request_error',
    message,
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
  });
}

export function missing(param: string): Refusal {
  return invalid(`Missing required param: ${param}.`, param, 'parameter_missing');
}

export function noSuch(what: string, id: string, param: string): Refusal {
  return new Refusal(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${what}: '${id}'`,
    param,
  });
}

export function unexpectedState(intent: Intent, message: string): Refusal {
  return new Refusal(
    400,
    { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message },
    { remembered: true, intent },
  );
}
