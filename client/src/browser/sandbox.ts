import type { PaymentIntentAnswer } from '@box-office/common/contracts/payments';
import { type Confirmation, confirmationForm, confirmationOf, intentIdOf, type TypedCard } from '../lib/card.ts';

/** Confirms the payment with the local sandbox, as Stripe's own script does with Stripe. */
export async function confirmAtSandbox(
  sandboxUrl: string,
  { clientSecret, publishableKey }: PaymentIntentAnswer,
  card: TypedCard,
  traceparent: string,
): Promise<Confirmation> {
  const returnUrl = `${window.location.origin}${window.location.pathname}`;
  try {
    const answer = await fetch(new URL(`/v1/payment_intents/${intentIdOf(clientSecret)}/confirm`, sandboxUrl), {
      method: 'POST',
      headers: { Authorization: `Bearer ${publishableKey}`, traceparent },
      body: confirmationForm(card, clientSecret, returnUrl),
    });
    return confirmationOf(await answer.json());
  } catch {
    // The request may have arrived nevertheless; confirming again shows the result.
    return { kind: 'refused', message: 'The payment service did not answer. Try again in a moment.' };
  }
}
