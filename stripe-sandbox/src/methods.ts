import { readCard, testCard, testCardOfMethod } from './cards.ts';
import type { Facts } from './decision.ts';
import type { PaymentMethodData } from './params.ts';
import { invalid, noSuch } from './refusal.ts';
import type { Method } from './rows.ts';

interface Choice {
  payment_method?: string | undefined;
  payment_method_data?: PaymentMethodData | undefined;
}

/**
 * The payment method that a call names: one that exists, one of Stripe's test methods, or the card that somebody typed.
 */
export function chosenMethod(choice: Choice, facts: Facts): Method | null {
  const { payment_method: id, payment_method_data: data } = choice;
  if (id !== undefined && data !== undefined) {
    throw invalid(
      'You may only specify one of these parameters: payment_method, payment_method_data.',
      'payment_method',
    );
  }
  if (data !== undefined) return typedMethod(data, facts);
  if (id === undefined) return null;
  return facts.method(id) ?? testMethod(id, facts);
}

export function typedMethod(data: PaymentMethodData, facts: Facts): Method {
  const { number, exp_month: expMonth, exp_year: expYear, cvc } = data.card;
  const card = readCard({ number, expMonth, expYear, cvc }, new Date(facts.now * 1000));
  return {
    kind: 'method',
    id: facts.newId('pm'),
    created: facts.now,
    type: testCard(card.testCard).type ?? 'card',
    ...card,
    name: data.billing_details?.name ?? null,
    email: data.billing_details?.email ?? null,
  };
}

function testMethod(id: string, facts: Facts): Method {
  const name = testCardOfMethod(id);
  if (name === undefined) throw noSuch('PaymentMethod', id, 'payment_method');
  const { number, brand, type } = testCard(name);
  return {
    kind: 'method',
    id: facts.newId('pm'),
    created: facts.now,
    type: type ?? 'card',
    testCard: name,
    last4: number?.slice(-4) ?? '0000',
    brand,
    expMonth: 12,
    expYear: new Date(facts.now * 1000).getUTCFullYear() + 1,
    name: null,
    email: null,
  };
}
