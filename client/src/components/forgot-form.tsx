'use client';

import { EmailAddress } from '@box-office/common/contracts/email-address';
import Link from 'next/link';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { handOver } from '../browser/hand-over.ts';
import { useForm } from '../browser/use-form.ts';
import { formFaults } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { useFocusWhen } from './confirm.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';
import { linkSent } from './mailed-link.tsx';

/** Asks for a link that lets its reader set a new password, and then leads to `next`, which the page has validated. */
export function ForgotForm({ next }: { readonly next: string }) {
  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;
  const [sentTo, setSentTo] = useState('');
  const outcome = useFocusWhen<HTMLParagraphElement>(sentTo !== '');
  const form = useForm(async (typed) => {
    const read = EmailAddress.safeParse(typed('email'));
    if (!read.success) return { fields: { email: 'Enter the e-mail address of your account.' } };
    const answer = await call('POST', '/api/auth/links', { purpose: 'reset', email: read.data });
    if (!answer.ok) return formFaults(answer.fault, ['email']);
    if (next !== '/') handOver(next);
    setSentTo(read.data);
    return undefined;
  });

  if (sentTo) {
    return (
      <div className="card narrow">
        <h1>Look into your mailbox</h1>
        <p ref={outcome} role="status" tabIndex={-1} className="message message-good">
          {linkSent(sentTo)}
        </p>
        <p className="aside">
          Nothing there? Look into the folder for spam too, or <a href={`/forgot${query}`}>ask for another link</a>.
        </p>
      </div>
    );
  }
  return (
    <Form form={form} className="card narrow" heading={<h1>Forgot your password?</h1>}>
      <p>We mail you a link with which you can set a new one.</p>
      <Field label="E-mail" name="email" type="email" autoComplete="username" error={form.faults.fields.email} />
      <Button busy={form.busy}>Mail me a link</Button>
      <p className="aside">
        <Link href={`/signin${query}`}>Back to signing in</Link>
      </p>
    </Form>
  );
}
