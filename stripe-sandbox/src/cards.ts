import { Refusal } from './refusal.ts';

export interface Decline {
  type: 'card_error' | 'invalid_request_error';
  code: string;
  declineCode: string | null;
  message: string;
}

export interface TestCard {
  /** The number a person types; null where there is only the name. */
  number: string | null;
  /** The names a program uses instead: pm_card_visa. */
  methods: string[];
  type?: 'ideal';
  brand: string;
  needsAuthentication?: true;
  /** Takes the money at once, whatever the capture method says: the method cannot be captured later. */
  immediate?: true;
  onCharge?: Decline;
  onCapture?: Decline;
  /** Its refunds are decided only after a while. */
  onRefund?: { readonly begins: 'pending' | 'succeeded'; readonly ends: 'succeeded' | 'failed' };
  /** The buyer disputes the charge as soon as the money is taken, for this reason. */
  disputes?: string;
}

const declined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  type: 'card_error',
  code: 'card_declined',
  declineCode,
  message,
});
const failed = (code: string, message: string): Decline => ({ type: 'card_error', code, declineCode: null, message });

export const captureRefusals = {
  card_declined: declined('generic_decline'),
  charge_expired_for_capture: {
    type: 'invalid_request_error',
    code: 'charge_expired_for_capture',
    declineCode: null,
    message: 'The charge cannot be captured as the authorization has expired.',
  },
} satisfies Record<string, Decline>;

const insufficientFunds = declined('insufficient_funds', 'Your card has insufficient funds.');

/** docs.stripe.com/testing, and at the end what is needed to test and Stripe has no card for. */
export const testCards: Record<string, TestCard> = {
  visa: { number: '4242424242424242', methods: ['pm_card_visa'], brand: 'visa' },
  visaDebit: { number: '4000056655665556', methods: ['pm_card_visa_debit'], brand: 'visa' },
  mastercard: { number: '5555555555554444', methods: ['pm_card_mastercard'], brand: 'mastercard' },
  amex: { number: '378282246310005', methods: ['pm_card_amex'], brand: 'amex' },
  declined: {
    number: '4000000000000002',
    methods: ['pm_card_chargeDeclined', 'pm_card_visa_chargeDeclined'],
    brand: 'visa',
    onCharge: declined('generic_decline'),
  },
  insufficientFunds: {
    number: '4000000000009995',
    methods: ['pm_card_chargeDeclinedInsufficientFunds', 'pm_card_visa_chargeDeclinedInsufficientFunds'],
    brand: 'visa',
    onCharge: insufficientFunds,
  },
  lost: {
    number: '4000000000009987',
    methods: ['pm_card_visa_chargeDeclinedLostCard'],
    brand: 'visa',
    onCharge: declined('lost_card'),
  },
  stolen: {
    number: '4000000000009979',
    methods: ['pm_card_visa_chargeDeclinedStolenCard'],
    brand: 'visa',
    onCharge: declined('stolen_card'),
  },
  expired: {
    number: '4000000000000069',
    methods: ['pm_card_chargeDeclinedExpiredCard'],
    brand: 'visa',
    onCharge: failed('expired_card', 'Your card has expired.'),
  },
  incorrectCvc: {
    number: '4000000000000127',
    methods: ['pm_card_chargeDeclinedIncorrectCvc'],
    brand: 'visa',
    onCharge: failed('incorrect_cvc', "Your card's security code is incorrect."),
  },
  processingError: {
    number: '4000000000000119',
    methods: ['pm_card_chargeDeclinedProcessingError'],
    brand: 'visa',
    onCharge: failed('processing_error', 'An error occurred while processing your card. Try again in a little bit.'),
  },
  authenticationRequired: {
    number: '4000002500003155',
    methods: ['pm_card_authenticationRequired', 'pm_card_authenticationRequiredOnSetup'],
    brand: 'visa',
    needsAuthentication: true,
  },
  threeDSecureRequired: {
    number: '4000000000003220',
    methods: ['pm_card_threeDSecure2Required', 'pm_card_threeDSecureRequired'],
    brand: 'visa',
    needsAuthentication: true,
  },
  authenticationThenDeclined: {
    number: '4000008260003178',
    methods: ['pm_card_authenticationRequiredChargeDeclinedInsufficientFunds'],
    brand: 'visa',
    needsAuthentication: true,
    onCharge: insufficientFunds,
  },
  refundPending: {
    number: '4000000000007726',
    methods: ['pm_card_pendingRefund'],
    brand: 'visa',
    onRefund: { begins: 'pending', ends: 'succeeded' },
  },
  refundFails: {
    number: '4000000000005126',
    methods: ['pm_card_refundFail'],
    brand: 'visa',
    onRefund: { begins: 'succeeded', ends: 'failed' },
  },
  disputedAsFraud: {
    number: '4000000000000259',
    methods: ['pm_card_createDispute'],
    brand: 'visa',
    disputes: 'fraudulent',
  },
  disputedAsNotReceived: {
    number: '4000000000002685',
    methods: ['pm_card_createDisputeProductNotReceived'],
    brand: 'visa',
    disputes: 'product_not_received',
  },
  inquiredAbout: {
    number: '4000000000001976',
    methods: ['pm_card_createDisputeInquiry'],
    brand: 'visa',
    disputes: 'inquiry',
  },
  captureDeclined: {
    number: '4000009999990008',
    methods: ['pm_sandbox_captureDeclined'],
    brand: 'visa',
    onCapture: captureRefusals.card_declined,
  },
  captureExpired: {
    number: '4000009999990016',
    methods: ['pm_sandbox_captureExpired'],
    brand: 'visa',
    onCapture: captureRefusals.charge_expired_for_capture,
  },
  immediate: {
    number: '4000009999990024',
    methods: ['pm_sandbox_immediate'],
    type: 'ideal',
    brand: 'visa',
    immediate: true,
  },
};

/** A real card in test mode: Stripe's answer to any number that is valid and not in its list. */
const liveCard: TestCard = {
  number: null,
  methods: [],
  brand: 'visa',
  onCharge: declined(
    'test_mode_live_card',
    'Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
  ),
};

const byNumber = new Map<string, string>();
const byMethod = new Map<string, string>();
for (const [name, card] of Object.entries(testCards)) {
  if (card.number !== null) byNumber.set(card.number, name);
  for (const method of card.methods) byMethod.set(method, name);
}

export function testCard(name: string): TestCard {
  return testCards[name] ?? liveCard;
}

/** The entry that a test payment method such as pm_card_visa stands for. */
export function testCardOfMethod(method: string): string | undefined {
  return byMethod.get(method);
}

export interface TypedCard {
  number: string;
  expMonth: string;
  expYear: string;
  cvc: string | undefined;
}

export interface ReadCard {
  testCard: string;
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
}

/**
 * Reads what somebody typed into a card form, or refuses the first thing wrong with it as Stripe does: a card_error
 * that names the field.
 */
export function readCard(typed: TypedCard, now: Date): ReadCard {
  const number = typed.number.replaceAll(/[ -]/g, '');
  if (!/^\d{12,19}$/.test(number)) {
    throw cardRefusal('invalid_number', 'number', 'The card number is not a valid credit card number.');
  }
  if (!passesLuhn(number)) throw cardRefusal('incorrect_number', 'number', 'Your card number is incorrect.');

  const expMonth = Number(typed.expMonth);
  if (!/^\d{1,2}$/.test(typed.expMonth) || expMonth < 1 || expMonth > 12) {
    throw cardRefusal('invalid_expiry_month', 'exp_month', "Your card's expiration month is invalid.");
  }
  const shortYear = Number(typed.expYear);
  const expYear = shortYear < 100 ? 2000 + shortYear : shortYear;
  const thisYear = now.getUTCFullYear();
  if (!/^(\d{2}|\d{4})$/.test(typed.expYear) || expYear < thisYear || expYear > thisYear + 50) {
    throw cardRefusal('invalid_expiry_year', 'exp_year', "Your card's expiration year is invalid.");
  }
  if (expYear === thisYear && expMonth < now.getUTCMonth() + 1) {
    throw cardRefusal('invalid_expiry_month', 'exp_month', "Your card's expiration month is invalid.");
  }
  const brand = brandOf(number);
  // A program may leave the code out; a wrong one is refused.
  if (typed.cvc !== undefined && !(brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/).test(typed.cvc)) {
    throw cardRefusal('invalid_cvc', 'cvc', "Your card's security code is invalid.");
  }
  return { testCard: byNumber.get(number) ?? 'liveCard', brand, last4: number.slice(-4), expMonth, expYear };
}

function cardRefusal(code: string, param: string, message: string): Refusal {
  return new Refusal(402, { type: 'card_error', code, message, param });
}

export function passesLuhn(number: string): boolean {
  let sum = 0;
  for (const [place, digit] of [...number].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

function brandOf(number: string): string {
  if (/^3[47]/.test(number)) return 'amex';
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard';
  if (number.startsWith('4')) return 'visa';
  return 'unknown';
}
