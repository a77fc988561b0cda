'use client';

import { useRef, useState } from 'react';
import { goSignIn } from '../browser/navigate.ts';
import { makePasskey } from '../browser/passkeys.ts';
import { useWhyNoPasskeys } from '../browser/use-why-no-passkeys.ts';
import { Button } from './button.tsx';
import { Confirm } from './confirm.tsx';
import { Field, FormMessage } from './fields.tsx';
import { SignInAgain } from './sign-in-again.tsx';

interface NewPasskeyProps {
  readonly email: string;
  /** Whether it asks for the password first. */
  readonly hasPassword: boolean;
  /** Whether there is one already, to sign in again with. */
  readonly hasPasskey?: boolean;
  /** What the button says. */
  readonly action: string;
  readonly look?: 'main' | 'quiet';
  readonly onBegin?: () => void;
  readonly onMade: () => void;
}

/** Has the device make a passkey for who is signed in. Shows nothing where there can be none. */
export function NewPasskey({
  email,
  hasPassword,
  hasPasskey = false,
  action,
  look = 'quiet',
  onBegin,
  onMade,
}: NewPasskeyProps) {
  const whyNot = useWhyNoPasskeys();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const [isStale, setIsStale] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  async function add(typed?: string): Promise<string | undefined> {
    onBegin?.();
    setIsStale(false);
    const outcome = await makePasskey(typed);
    if (outcome.ok) onMade();
    else if (outcome.fault.code === 'not-signed-in') goSignIn();
    else if (outcome.fault.code === 'sign-in-again') setIsStale(true);
    else return outcome.fault.detail;
    return undefined;
  }

  async function addAtOnce() {
    setBusy(true);
    setMessage('');
    setMessage((await add()) ?? '');
    setBusy(false);
  }

  async function addWithPassword(): Promise<string | undefined> {
    const typed = password.current?.value;
    return typed ? add(typed) : 'Enter your password.';
  }

  if (whyNot) return null;
  return (
    <div className="needs-script">
      <FormMessage>{message}</FormMessage>
      {hasPassword ? (
        <Confirm
          action={action}
          look="quiet"
          question="Add a passkey"
          no="Cancel"
          yes="Continue"
          yesLook="main"
          fields={
            <Field
              ref={password}
              label="Your password"
              name="passkey-password"
              type="password"
              autoComplete="current-password"
            />
          }
          onYes={addWithPassword}
        >
          Enter your password, so that nobody but you can add one. Your device then asks you to make it.
        </Confirm>
      ) : (
        <Button look={look} busy={busy} onClick={() => void addAtOnce()}>
          {action}
        </Button>
      )}
      {isStale && <SignInAgain email={email} hasPasskey={hasPasskey} />}
    </div>
  );
}
