import { disputeView } from './disputes.ts';
import { refundView } from './refunds.ts';
import { invalid } from './refusal.ts';
import type { Charge, Intent, Method, PaymentError, Row } from './rows.ts';

/** The API version of stripe-node 23, used when a request names none. */
export const API_VERSION = '2026-10-28.endive';

export type View = Record<string, unknown>;

export interface Viewer {
  find: (id: string) => Row | undefined;
  /** Where the browser reaches the sandbox. */
  publicUrl: string;
}

/** A row as Stripe's API shows it to the holder of the secret key. */
export function view(row: Row, viewer: Viewer): View {
  switch (row.kind) {
    case 'intent':
      return intentView(row, viewer);
    case 'charge':
      return chargeView(row, viewer);
    case 'refund':
      return refundView(row);
    case 'dispute':
      return disputeView(row);
    case 'method':
      return methodView(row);
  }
}

function intentView(intent: Intent, viewer: Viewer): View {
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: intent.allowedTypes,
    amount: intent.amount,
    amount_capturable: intent.capturable,
    amount_details: { tip: {} },
    amount_received: intent.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: intent.automaticMethods && {
      allow_redirects: intent.automaticMethods.allowRedirects,
      enabled: true,
    },
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: intent.secret,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: intent.currency,
    customer: null,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: intent.lastError && errorView(intent.lastError, viewer),
    latest_charge: intent.chargeId,
    livemode: false,
    managed_payments: null,
    metadata: intent.metadata,
    next_action: intent.nextAction && nextActionView(intent, intent.nextAction.returnUrl, viewer.publicUrl),
    on_behalf_of: null,
    payment_method: intent.methodId,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        ...(intent.cardCaptureMethod === null ? {} : { capture_method: intent.cardCaptureMethod }),
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: 'automatic',
      },
    },
    payment_method_types: intent.allowedTypes ?? ['card'],
    payment_record: null,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: intent.statementDescriptor,
    statement_descriptor_suffix: intent.statementDescriptorSuffix,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
  };
}

const publicFields = [
  'id',
  'object',
  'amount',
  'amount_details',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status',
];

/** The part of an intent that the holder of the publishable key may see: no metadata, no charge. */
export function publicView(intent: View): View {
  return Object.fromEntries(publicFields.map((field) => [field, intent[field]]));
}

function nextActionView(intent: Intent, returnUrl: string | null, publicUrl: string): View {
  const url = `${publicUrl}/sandbox/authenticate/${intent.id}?client_secret=${intent.secret}`;
  return returnUrl === null
    ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } }
    : { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } };
}

export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

function errorView(error: PaymentError, viewer: Viewer): View {
  const method = error.methodId === null ? undefined : viewer.find(error.methodId);
  return {
    ...(error.chargeId === null ? {} : { charge: error.chargeId }),
    code: error.code,
    ...(error.declineCode === null ? {} : { decline_code: error.declineCode }),
    doc_url: docUrl(error.code),
    message: error.message,
    ...(error.param === null ? {} : { param: error.param }),
    ...(method === undefined ? {} : { payment_method: view(method, viewer) }),
    type: error.type,
  };
}

function chargeView(charge: Charge, viewer: Viewer): View {
  const method = viewer.find(charge.methodId);
  const failed = charge.status === 'failed';
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: charge.amountRefunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: billing(method?.kind === 'method' ? method : undefined),
    calculated_statement_descriptor: null,
    captured: charge.captured,
    created: charge.created,
    currency: charge.currency,
    customer: null,
    description: charge.description,
    disputed: charge.disputed,
    failure_balance_transaction: null,
    failure_code: charge.failure?.code ?? null,
    failure_message: charge.failure?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: failed ? 'declined_by_network' : 'approved_by_network',
      reason: charge.failure?.declineCode ?? null,
      risk_level: 'normal',
      seller_message: failed ? 'The bank did not return any further details with this decline.' : 'Payment complete.',
      type: failed ? 'issuer_declined' : 'authorized',
    },
    paid: !failed,
    payment_intent: charge.intentId,
    payment_method: charge.methodId,
    payment_method_details:
      method?.kind === 'method'
        ? {
            ...methodDetails(method, charge.captureBefore === null ? {} : { capture_before: charge.captureBefore }),
            type: method.type,
          }
        : null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: charge.amountRefunded === charge.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: charge.status,
    transfer_data: null,
    transfer_group: null,
  };
}

function methodView(method: Method): View {
  return {
    id: method.id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: billing(method),
    ...methodDetails(method, {}),
    created: method.created,
    customer: null,
    livemode: false,
    metadata: {},
    type: method.type,
  };
}

function methodDetails(method: Method, more: View): View {
  if (method.type === 'ideal') return { ideal: { bank: 'rabobank', bic: 'RABONL2U' } };
  return {
    card: {
      brand: method.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      exp_month: method.expMonth,
      exp_year: method.expYear,
      funding: 'credit',
      last4: method.last4,
      network: method.brand,
      three_d_secure: null,
      wallet: null,
      ...more,
    },
  };
}

function billing(method: Method | undefined): View {
  return {
    address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
    email: method?.email ?? null,
    name: method?.name ?? null,
    phone: null,
    tax_id: null,
  };
}

const expandable = new Set(['latest_charge', 'payment_method', 'payment_intent', 'charge']);

/** Puts objects in the place of their ids, along paths such as `latest_charge` or, in a list, `data.latest_charge`. */
export function expand(shown: View, paths: string[], viewer: Viewer): View {
  return paths.reduce((result, path) => expandPath(result, path.split('.'), viewer, path), shown);
}

function expandPath(shown: View, [step, ...rest]: string[], viewer: Viewer, whole: string): View {
  if (step === undefined) return shown;
  const value = shown[step];
  if (Array.isArray(value)) {
    return { ...shown, [step]: value.map((item) => (isView(item) ? expandPath(item, rest, viewer, whole) : item)) };
  }
  if (isView(value)) return { ...shown, [step]: expandPath(value, rest, viewer, whole) };
  if (!expandable.has(step) || !(step in shown))
    throw invalid(`This property cannot be expanded (${whole}).`, 'expand');
  const row = typeof value === 'string' ? viewer.find(value) : undefined;
  if (row === undefined) return shown;
  return { ...shown, [step]: expandPath(view(row, viewer), rest, viewer, whole) };
}

function isView(value: unknown): value is View {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
