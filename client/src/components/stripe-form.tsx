'use client';

import { Elements, PaymentElement, useElements, useStripe } from '@stripe/react-stripe-js';
import { loadStripe } from '@stripe/stripe-js/pure';
import { type FormEvent, useEffect, useState } from 'react';
import { startAction } from '../browser/trace.ts';
import { confirmationOf } from '../lib/card.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import type { PaymentFormProps } from './payment-form.ts';

/** Stripe's own form: card numbers go from the browser to Stripe and never to us. */
export function StripeForm(props: PaymentFormProps) {
  const { clientSecret, publishableKey } = props.intent;
  const [stripe] = useState(() => loadStripe(publishableKey).catch(() => null));
  const [missing, setMissing] = useState(false);
  const [dark] = useState(() => window.matchMedia('(prefers-color-scheme: dark)').matches);

  useEffect(() => {
    void stripe.then((loaded) => setMissing(loaded === null));
  }, [stripe]);

  if (missing) return <FormMessage>Stripe’s form could not be loaded. Reload the page in a moment.</FormMessage>;
  return (
    <Elements stripe={stripe} options={{ clientSecret, appearance: { theme: dark ? 'night' : 'stripe' } }}>
      <ElementForm {...props} />
    </Elements>
  );
}

function ElementForm({ label, traceparent, onSent, onPaid }: PaymentFormProps) {
  const stripe = useStripe();
  const elements = useElements();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function pay() {
    if (!stripe || !elements) return;
    setBusy(true);
    setMessage('');
    const click = startAction('pay', traceparent);
    onSent();
    // Redirects to the bank's page if the bank requires it.
    const result = await stripe.confirmPayment({
      elements,
      redirect: 'if_required',
      confirmParams: { return_url: `${window.location.origin}${window.location.pathname}` },
    });
    const confirmation = confirmationOf(result.error ? { error: result.error } : result.paymentIntent);
    click.end({ ok: confirmation.kind !== 'refused' });
    if (confirmation.kind === 'accepted') return onPaid();
    // Stripe's element already shows field errors beside the fields.
    const besideField = result.error?.type === 'validation_error';
    if (confirmation.kind === 'refused' && !besideField) setMessage(confirmation.message);
    setBusy(false);
  }

  return (
    <form
      className="form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void pay();
      }}
    >
      <FormMessage>{message}</FormMessage>
      <PaymentElement />
      <div className="actions">
        <Button busy={busy || !stripe}>{label}</Button>
      </div>
    </form>
  );
}
