'use client';

import { useState } from 'react';
import { call } from '../browser/api.ts';
import { forgetHandOver } from '../browser/hand-over.ts';
import { goTo } from '../browser/navigate.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

export function SignOut() {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function signOut() {
    setBusy(true);
    const outcome = await call('POST', '/api/auth/signout');
    if (outcome.ok) {
      forgetHandOver('any');
      return goTo('/');
    }
    setMessage(outcome.fault.detail);
    setBusy(false);
  }

  return (
    <>
      <Button look="quiet" busy={busy} onClick={() => void signOut()}>
        Sign out
      </Button>
      <FormMessage>{message}</FormMessage>
    </>
  );
}
