'use client';

import Link from 'next/link';
import { useEffect, useState } from 'react';
import { call } from '../browser/api.ts';
import { forgetHandOver } from '../browser/hand-over.ts';
import { goTo } from '../browser/navigate.ts';
import { useForm } from '../browser/use-form.ts';
import { type FormFaults, formFaults } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';
import { MailedLink } from './mailed-link.tsx';
import { PasskeySignIn } from './passkey-sign-in.tsx';

const fields = ['email', 'password'];

interface SignInFormProps {
  /** Where to go afterwards: a path on this site, validated by the page. */
  readonly next: string;
  /** Whether the reader was signed in until now. */
  readonly hasEnded: boolean;
}

/** Signs in with a password, a passkey or a link by mail. */
export function SignInForm({ next, hasEnded }: SignInFormProps) {
  const [email, setEmail] = useState('');
  useEffect(() => forgetHandOver('old'), []);
  const form = useForm(async (typed) => {
    const account = { email: typed('email').trim(), password: typed('password') };
    const wrong = checkFilled(account);
    if (wrong) return wrong;
    const outcome = await call('POST', '/api/auth/signin', account);
    if (!outcome.ok) return formFaults(outcome.fault, fields);
    goTo(next);
    return undefined;
  });
  const { busy, faults } = form;
  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;

  return (
    <div className="card narrow">
      {hasEnded && (
        <p role="status" className="message message-warn">
          Your session has ended. Sign in again to continue where you were.
          {next.startsWith('/shows/') && ' What you have chosen is still there.'}
        </p>
      )}
      {next.startsWith('/orders') && (
        <p className="message message-plain">Ordered without an account? Open the link in the mail about your order.</p>
      )}
      <Form form={form} heading={<h1>Sign in</h1>}>
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username webauthn"
          value={email}
          onChange={({ target }) => setEmail(target.value)}
          error={faults.fields.email}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          error={faults.fields.password}
        />
        <div className="actions">
          <Button busy={busy}>Sign in</Button>
          <Link className="beside" href={`/forgot${query}`}>
            Forgot your password?
          </Link>
        </div>
      </Form>
      <section className="other-ways" aria-labelledby="without">
        <h2 id="without">Without a password</h2>
        <PasskeySignIn next={next} />
        <MailedLink purpose="sign-in" email={email} action="Mail me a link" next={next} />
      </section>
      <p className="aside">
        New here? <Link href={`/signup${query}`}>Create an account</Link>
      </p>
    </div>
  );
}

interface Account {
  readonly email: string;
  readonly password: string;
}

/** No password rules here: an old password that breaks a newer rule must still work. */
function checkFilled({ email, password }: Account): FormFaults | undefined {
  if (email && password) return undefined;
  return {
    fields: {
      ...(email ? {} : { email: 'Enter the e-mail address of your account.' }),
      ...(password ? {} : { password: 'Enter your password.' }),
    },
  };
}
