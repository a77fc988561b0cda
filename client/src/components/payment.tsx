'use client';

import { showPrice } from '@box-office/common/contracts/money';
import { PaymentIntentAnswer } from '@box-office/common/contracts/payments';
import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import { create } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { useHydrated } from '../browser/use-hydrated.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { SandboxForm } from './sandbox-form.tsx';

// Stripe's script is loaded only where there is a real Stripe to talk to.
const StripeForm = dynamic(() => import('./stripe-form.tsx').then(({ StripeForm }) => StripeForm), { ssr: false });

interface PaymentProps {
  readonly orderId: string;
  /** That of the order, if it has one, which paying continues. */
  readonly traceparent: string | undefined;
  readonly sandboxUrl: string | null;
  /** Called when the card is sent: from then on it may be charged, whatever answer comes. */
  readonly onSent: () => void;
  readonly onPaid: () => void;
  /** Called if a payment of this amount is not possible, now or later. */
  readonly onRefused: () => void;
}

export function Payment({ orderId, traceparent, sandboxUrl, onSent, onPaid, onRefused }: PaymentProps) {
  const [intent, setIntent] = useState<PaymentIntentAnswer>();
  const [message, setMessage] = useState('');
  const hydrated = useHydrated();
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry is a new request
  useEffect(() => {
    let over = false;
    setMessage('');
    async function begin() {
      const outcome = await create('/api/payments', { orderId }, traceparent);
      if (over) return;
      if (outcome.ok) setIntent(PaymentIntentAnswer.parse(outcome.body));
      else if (outcome.fault.status === 401) goSignIn();
      else if (outcome.fault.code === 'amount-refused') onRefused();
      else setMessage(outcome.fault.detail);
    }
    void begin();
    return () => {
      over = true;
    };
  }, [orderId, tries]);

  if (message) {
    return (
      <>
        <FormMessage>{message}</FormMessage>
        <Button look="quiet" onClick={() => setTries(tries + 1)}>
          Try again
        </Button>
      </>
    );
  }
  if (!intent) {
    return (
      <p className="muted">
        {hydrated ? 'Preparing the payment…' : '\u00a0'}
        <noscript>Paying needs JavaScript.</noscript>
      </p>
    );
  }
  const form = { intent, traceparent, label: `Pay ${showPrice(intent.amount, intent.currency)}`, onSent, onPaid };
  if (!intent.publishableKey.startsWith('pk_test_sandbox')) return <StripeForm {...form} />;
  return sandboxUrl ? (
    <SandboxForm {...form} url={sandboxUrl} />
  ) : (
    <FormMessage>This shop uses the payment sandbox but does not say where it is (STRIPE_SANDBOX_URL).</FormMessage>
  );
}
