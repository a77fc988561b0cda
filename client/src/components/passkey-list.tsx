'use client';

import type { Passkey } from '@box-office/common/contracts/auth';
import { useRouter } from 'next/navigation';
import { useRef, useState, useTransition } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { useWhyNoPasskeys } from '../browser/use-why-no-passkeys.ts';
import { AccountPart } from './account-part.tsx';
import { Confirm, useFocusWhen } from './confirm.tsx';
import { Field } from './fields.tsx';
import { NewPasskey } from './new-passkey.tsx';
import { ReadersTime } from './readers-time.tsx';
import { SignInAgain } from './sign-in-again.tsx';

interface PasskeyListProps {
  readonly email: string;
  readonly passkeys: readonly Passkey[];
  /** Whether adding and removing ask for the password. */
  readonly hasPassword: boolean;
}

/** The passkeys of an account: what there is, one more, one less. */
export function PasskeyList({ email, passkeys, hasPassword }: PasskeyListProps) {
  const router = useRouter();
  const whyNot = useWhyNoPasskeys();
  const [done, setDone] = useState('');
  const [isStale, setIsStale] = useState(false);
  const [, together] = useTransition();
  const outcome = useFocusWhen<HTMLParagraphElement>(done !== '');

  function tell(words: string) {
    together(() => {
      setDone(words);
      router.refresh();
    });
  }

  async function remove(id: string, typed: string | undefined): Promise<string | undefined> {
    setDone('');
    setIsStale(false);
    if (typed === '') return 'Enter your password.';
    const answer = await call('DELETE', `/api/auth/passkeys/${id}`, typed === undefined ? {} : { password: typed });
    // Another tab may have removed it.
    if (answer.ok || answer.fault.status === 404) tell('The passkey is removed. Delete it on its device as well.');
    else if (answer.fault.status === 401) goSignIn();
    else if (answer.fault.code === 'sign-in-again') setIsStale(true);
    else return answer.fault.detail;
    return undefined;
  }

  return (
    <AccountPart id="passkeys" heading="Passkeys">
      <p ref={outcome} role="status" tabIndex={-1} className={done ? 'message message-good' : undefined}>
        {done}
      </p>
      <p>
        {passkeys.length === 0 && 'You have none yet. '}A passkey signs you in with your fingerprint, your face or your
        screen lock. There is nothing to remember, and a fake page cannot steal it.
      </p>
      {passkeys.length > 0 && (
        <ul className="kinds">
          {passkeys.map((passkey) => (
            <li key={passkey.id} className="kind-row">
              <About passkey={passkey} />
              <RemovePasskey
                passkey={passkey}
                hasPassword={hasPassword}
                isLastWay={!hasPassword && passkeys.length === 1}
                onYes={remove}
              />
            </li>
          ))}
        </ul>
      )}
      {isStale && <SignInAgain email={email} hasPasskey />}
      {whyNot && <p className="hint">{whyNot}</p>}
      <NewPasskey
        email={email}
        hasPassword={hasPassword}
        hasPasskey={passkeys.length > 0}
        action="Add a passkey"
        onBegin={() => setDone('')}
        onMade={() => tell('The passkey is made. From now on it signs you in.')}
      />
    </AccountPart>
  );
}

interface RemovePasskeyProps {
  readonly passkey: Passkey;
  readonly hasPassword: boolean;
  /** Whether only links by mail are left without it. */
  readonly isLastWay: boolean;
  /** Told the password, if there is one. Resolves with an error sentence. */
  readonly onYes: (id: string, password: string | undefined) => Promise<string | undefined>;
}

function RemovePasskey({ passkey: { id, name }, hasPassword, isLastWay, onYes }: RemovePasskeyProps) {
  const password = useRef<HTMLInputElement>(null);
  return (
    <Confirm
      action="Remove"
      label={`Remove the passkey ${name}`}
      look="quiet"
      question="Remove this passkey?"
      no="Keep the passkey"
      yes="Remove the passkey"
      fields={
        hasPassword && (
          <Field
            ref={password}
            label="Your password"
            name={`remove-password.${id}`}
            type="password"
            autoComplete="current-password"
          />
        )
      }
      onYes={() => onYes(id, hasPassword ? (password.current?.value ?? '') : undefined)}
    >
      You can no longer sign in with “{name}”, but you stay signed in where you are.
      {isLastWay && ' You have no password: from then on, sign in with a link by mail.'}
    </Confirm>
  );
}

function About({ passkey: { name, createdAt, usedAt } }: { readonly passkey: Passkey }) {
  return (
    <span>
      <span className="kind-name">{name}</span>
      <br />
      <span className="hint">
        made <ReadersTime at={createdAt} />
        <br />
        {usedAt === createdAt ? (
          'not used yet'
        ) : (
          <>
            last used <ReadersTime at={usedAt} />
          </>
        )}
      </span>
    </span>
  );
}
