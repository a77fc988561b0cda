'use client';

import { NewAccount } from '@box-office/common/contracts/auth';
import Link from 'next/link';
import { call } from '../browser/api.ts';
import { goTo } from '../browser/navigate.ts';
import { useForm } from '../browser/use-form.ts';
import { type FormFaults, formFaults } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';

const fields = ['email', 'password'];

interface AccountFormProps {
  readonly kind: 'signup' | 'signin';
  /** A path on this site; the page has validated it. */
  readonly next: string;
}

export function AccountForm({ kind, next }: AccountFormProps) {
  const isNew = kind === 'signup';
  const form = useForm(async (typed) => {
    const account = { email: typed('email').trim(), password: typed('password') };
    const wrong = isNew ? check(account) : checkFilled(account);
    if (wrong) return wrong;
    const outcome = await call('POST', `/api/auth/${kind}`, account);
    if (outcome.ok) {
      goTo(next);
      return undefined;
    }
    const { fault } = outcome;
    return fault.code === 'email-in-use' ? { fields: { email: fault.detail } } : formFaults(fault, fields);
  });
  const { busy, faults } = form;
  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;

  return (
    <Form form={form} className="card narrow" heading={<h1>{isNew ? 'Sign up' : 'Sign in'}</h1>}>
      <Field label="E-mail" name="email" type="email" autoComplete="username" error={faults.fields.email} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        {...(isNew ? { hint: 'At least 8 characters. A few words are easy to remember and hard to guess.' } : {})}
        error={faults.fields.password}
      />
      <Button busy={busy}>{isNew ? 'Sign up' : 'Sign in'}</Button>
      <p className="aside">
        {isNew ? 'Already have an account? ' : 'New here? '}
        <Link href={`${isNew ? '/signin' : '/signup'}${query}`}>{isNew ? 'Sign in' : 'Create an account'}</Link>
      </p>
    </Form>
  );
}

interface Account {
  readonly email: string;
  readonly password: string;
}

function check(account: Account): FormFaults | undefined {
  const read = NewAccount.safeParse(account);
  if (read.success) return undefined;
  const errors = read.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  return formFaults({ status: 400, code: 'invalid-request', detail: '', errors }, fields);
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
