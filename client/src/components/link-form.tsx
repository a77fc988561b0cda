'use client';

import type { LinkPurpose } from '@box-office/common/contracts/people';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { call } from '../browser/api.ts';
import { takeOver } from '../browser/hand-over.ts';
import { goTo } from '../browser/navigate.ts';
import { useForm } from '../browser/use-form.ts';
import { passwordFault, passwordHint } from '../lib/password.ts';
import { formFaults } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';

interface LinkFormProps {
  readonly purpose: LinkPurpose;
  readonly token: string;
}

const words = {
  verify: {
    ...{ heading: 'Confirm your address', action: 'Confirm', next: '/account' },
    about: 'This confirms the address that the mail with this link was sent to, and signs you in.',
    another: '/account',
  },
  'sign-in': {
    ...{ heading: 'Sign in', action: 'Sign in', next: '/orders' },
    about: 'This signs you in with the address that the mail with this link was sent to.',
    another: '/signin',
  },
  reset: {
    ...{ heading: 'Set a new password', action: 'Save the password', next: '/account' },
    about: 'Whoever is signed in elsewhere with this account is signed out.',
    another: '/forgot',
  },
} as const satisfies Record<LinkPurpose, object>;

/** Uses a link from a mail. */
export function LinkForm({ purpose, token }: LinkFormProps) {
  const { heading, action, next, about, another } = words[purpose];
  const [isDead, setIsDead] = useState(false);
  const isReset = purpose === 'reset';

  // A secret does not belong where people look, or into a bookmark.
  useEffect(() => window.history.replaceState(null, '', window.location.pathname), []);

  const form = useForm(async (typed) => {
    const password = typed('password');
    const wrong = isReset ? passwordFault(password) : undefined;
    if (wrong) return { fields: { password: wrong } };
    const answer = await call('POST', '/api/auth/links/use', isReset ? { token, password } : { token });
    if (!answer.ok) {
      setIsDead(answer.fault.code === 'link-not-valid');
      return formFaults(answer.fault, ['password']);
    }
    // To confirm an address is no errand of another page.
    goTo((purpose === 'verify' ? undefined : takeOver()) ?? next);
    return undefined;
  });

  return (
    <Form form={form} className="card narrow" heading={<h1>{heading}</h1>}>
      {isReset && (
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint={passwordHint}
          error={form.faults.fields.password}
        />
      )}
      <p className="hint">{about}</p>
      {isDead ? (
        <p>
          <Link href={another}>Ask for another link</Link>
        </p>
      ) : (
        <div className="actions">
          <Button busy={form.busy}>{action}</Button>
        </div>
      )}
    </Form>
  );
}
