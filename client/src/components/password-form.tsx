'use client';

import { useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { useForm } from '../browser/use-form.ts';
import { passwordFault, passwordHint } from '../lib/password.ts';
import { formFaults } from '../lib/problem.ts';
import { AccountPart } from './account-part.tsx';
import { Button } from './button.tsx';
import { useFocusWhen } from './confirm.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';
import { SignInAgain } from './sign-in-again.tsx';

interface PasswordFormProps {
  readonly email: string;
  /** Whether there is one already. */
  readonly isSet: boolean;
  readonly hasPasskey: boolean;
}

/** Changes the password of an account, or gives it one. */
export function PasswordForm({ email, isSet, hasPasskey }: PasswordFormProps) {
  const [isDone, setIsDone] = useState(false);
  const [isStale, setIsStale] = useState(false);
  const outcome = useFocusWhen<HTMLParagraphElement>(isDone);
  const form = useForm(async (typed) => {
    setIsDone(false);
    const [current, password] = [typed('current'), typed('password')];
    if (isSet && !current) return { fields: { current: 'Enter your current password.' } };
    const wrong = passwordFault(password);
    if (wrong) return { fields: { password: wrong } };
    const answer = await call('PUT', '/api/auth/password', isSet ? { current, password } : { password });
    if (answer.ok) {
      setIsDone(true);
      form.ref.current?.reset();
      return { fields: {} };
    }
    if (answer.fault.status === 401) goSignIn();
    setIsStale(answer.fault.code === 'sign-in-again');
    if (answer.fault.code === 'wrong-password') return { fields: { current: answer.fault.detail } };
    return formFaults(answer.fault, ['current', 'password']);
  });
  const { fields } = form.faults;

  return (
    <AccountPart id="password" heading="Password">
      <p ref={outcome} role="status" tabIndex={-1} className={isDone ? 'message message-good' : undefined}>
        {isDone && 'Your password is saved. All other devices are signed out.'}
      </p>
      {!isSet && <p>You have none: you sign in {hasPasskey ? 'with a passkey or ' : ''}with a link by mail.</p>}
      <Form form={form}>
        {/* For password managers, which would otherwise not know whose password it is. */}
        <input hidden readOnly autoComplete="username" value={email} />
        {isSet && (
          <Field
            label="Current password"
            name="current"
            type="password"
            autoComplete="current-password"
            error={fields.current}
          />
        )}
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint={passwordHint}
          error={fields.password}
        />
        <Button look="quiet" busy={form.busy}>
          {isSet ? 'Change the password' : 'Set a password'}
        </Button>
      </Form>
      {isStale && <SignInAgain email={email} hasPasskey={hasPasskey} />}
    </AccountPart>
  );
}
