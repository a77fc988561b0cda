'use client';

import { confirmAtSandbox } from '../browser/sandbox.ts';
import { startAction } from '../browser/trace.ts';
import { useForm } from '../browser/use-form.ts';
import { readCard } from '../lib/card.ts';
import { Button } from './button.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';
import type { PaymentFormProps } from './payment-form.ts';

/** Our own card form, for the sandbox only: real card numbers are typed into Stripe's element and never reach us. */
export function SandboxForm(props: PaymentFormProps & { readonly url: string }) {
  const { intent, traceparent, label, onSent, onPaid, url } = props;
  const form = useForm(async (typed) => {
    const read = readCard({ number: typed('number'), expiry: typed('expiry'), cvc: typed('cvc') });
    if ('faults' in read) return { fields: read.faults };
    const click = startAction('pay', traceparent);
    onSent();
    const result = await confirmAtSandbox(url, intent, read.card, click.traceparent);
    click.end({ ok: result.kind !== 'refused' });
    if (result.kind === 'refused') {
      return result.field ? { fields: { [result.field]: result.message } } : { fields: {}, message: result.message };
    }
    if (result.kind === 'redirect') window.location.assign(result.url);
    else onPaid();
    return undefined;
  });
  const { busy, faults } = form;

  return (
    <Form form={form} heading={<SandboxHint />}>
      <Field
        label="Card number"
        name="number"
        inputMode="numeric"
        autoComplete="cc-number"
        placeholder="4242 4242 4242 4242"
        maxLength={25}
        error={faults.fields.number}
      />
      <div className="fields-2">
        <Field
          label="Expiry"
          name="expiry"
          inputMode="numeric"
          autoComplete="cc-exp"
          placeholder="12/34"
          maxLength={9}
          error={faults.fields.expiry}
        />
        <Field
          label="CVC"
          name="cvc"
          inputMode="numeric"
          autoComplete="cc-csc"
          placeholder="123"
          maxLength={4}
          error={faults.fields.cvc}
        />
      </div>
      <Button busy={busy}>{label}</Button>
    </Form>
  );
}

function SandboxHint() {
  return (
    <p className="hint">
      This shop uses a sandbox: no money moves. Pay with 4242 4242 4242 4242, any future date and any CVC.
    </p>
  );
}
