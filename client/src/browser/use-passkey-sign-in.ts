'use client';

import { browserSupportsWebAuthnAutofill, WebAuthnAbortService } from '@simplewebauthn/browser';
import { useEffect, useRef, useState } from 'react';
import { signInByPasskey } from './passkeys.ts';

/** What a device has to sign is valid for five minutes, and a page may stay open for longer. */
const staleMs = 4.5 * 60 * 1000;

export interface PasskeySignIn {
  readonly busy: boolean;
  readonly message: string;
  /** Has the browser ask for a passkey. */
  readonly signIn: () => Promise<void>;
}

/**
 * Signs in with a passkey: by `signIn`, or, if `inField`, by choosing one that the browser offers in the field for the
 * address. The page needs an input whose `autoComplete` ends in `webauthn` then.
 */
export function usePasskeySignIn(inField: boolean, onSignedIn: () => void): PasskeySignIn {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const latest = useRef({ signIn, onSignedIn });
  useEffect(() => {
    latest.current = { signIn, onSignedIn };
  });

  async function signIn() {
    setBusy(true);
    setMessage('');
    const outcome = await signInByPasskey();
    if (outcome.ok) return onSignedIn();
    setMessage(outcome.fault.detail);
    setBusy(false);
  }

  // A browser asks for one passkey at a time, so nothing is offered while `signIn` asks.
  useEffect(() => {
    if (!inField || busy) return undefined;
    let isOver = false;
    async function offer() {
      if (!(await browserSupportsWebAuthnAutofill()) || isOver) return;
      const since = Date.now();
      const outcome = await signInByPasskey({ inField: true, isWanted: () => !isOver });
      if (isOver) return;
      if (outcome.ok) latest.current.onSignedIn();
      // What the browser itself refuses here, it has told already, or nobody has asked for it.
      else if (outcome.fault.code === 'passkey') return;
      else if (Date.now() - since > staleMs) await latest.current.signIn();
      else if (outcome.fault.status === 401) setMessage(outcome.fault.detail);
    }
    void offer();
    return () => {
      isOver = true;
      WebAuthnAbortService.cancelCeremony();
    };
  }, [inField, busy]);

  return { busy, message, signIn };
}
