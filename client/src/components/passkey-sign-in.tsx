'use client';

import { goTo } from '../browser/navigate.ts';
import { usePasskeySignIn } from '../browser/use-passkey-sign-in.ts';
import { useWhyNoPasskeys } from '../browser/use-why-no-passkeys.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

interface PasskeySignInProps {
  /** Where to go afterwards: a path on this site. */
  readonly next: string;
  /** Whether browsers offer it in the field for the address as well. */
  readonly inField?: boolean;
}

/** Signs in with a passkey, where there can be one. */
export function PasskeySignIn({ next, inField = true }: PasskeySignInProps) {
  const whyNot = useWhyNoPasskeys();
  const { busy, message, signIn } = usePasskeySignIn(inField && whyNot === null, () => goTo(next));
  if (whyNot) return null;
  return (
    <div className="needs-script">
      <FormMessage>{message}</FormMessage>
      <Button look="quiet" busy={busy} onClick={() => void signIn()}>
        Sign in with a passkey
      </Button>
    </div>
  );
}
