'use client';

import { NewAccount } from '@box-office/common/contracts/auth';
import Link from 'next/link';
import { call } from '../browser/api.ts';
import { goTo } from '../browser/navigate.ts';
import { useForm } from '../browser/use-form.ts';
import { passwordHint } from '../lib/password.ts';
import { type FormFaults, formFaults } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';

const fields = ['email', 'password'];

/** Opens an account. `next` is a path on this site; the page has validated it. */
export function SignUpForm({ next }: { readonly next: string }) {
  const form = useForm(async (typed) => {
    const account = { email: typed('email').trim(), password: typed('password') };
    const wrong = check(account);
    if (wrong) return wrong;
    const outcome = await call('POST', '/api/auth/signup', account);
    if (outcome.ok) {
      goTo(next);
      return undefined;
    }
    return formFaults(outcome.fault, fields);
  });
  const { busy, faults } = form;
  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;

  return (
    <Form form={form} className="card narrow" heading={<h1>Sign up</h1>}>
      <Field label="E-mail" name="email" type="email" autoComplete="username" error={faults.fields.email} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        hint={passwordHint}
        error={faults.fields.password}
      />
      <Button busy={busy}>Sign up</Button>
      <p className="aside">
        Already have an account? <Link href={`/signin${query}`}>Sign in</Link>
      </p>
    </Form>
  );
}

function check(account: { readonly email: string; readonly password: string }): FormFaults | undefined {
  const read = NewAccount.safeParse(account);
  if (read.success) return undefined;
  const errors = read.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  return formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, fields);
}
