'use client';

import { keptDays } from '@box-office/common/contracts/kept';
import Link from 'next/link';
import { Fragment, useRef, useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn, goTo } from '../browser/navigate.ts';
import type { StillSold } from '../lib/still-sold.ts';
import { AccountPart } from './account-part.tsx';
import { Confirm } from './confirm.tsx';
import { Field } from './fields.tsx';
import { SignInAgain } from './sign-in-again.tsx';

interface MyDataProps {
  readonly email: string;
  /** Whether deleting asks for a password. */
  readonly hasPassword: boolean;
  readonly hasPasskey: boolean;
  readonly isGuest: boolean;
  /** Null if they sell nothing, or if that is not known. */
  readonly sells: StillSold | null;
}

/** What is stored about somebody, as a file, and how to have it deleted. */
export function MyData({ email, hasPassword, hasPasskey, isGuest, sells }: MyDataProps) {
  const [isStale, setIsStale] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  async function remove(): Promise<string | undefined> {
    const typed = password.current?.value ?? '';
    if (hasPassword && !typed) return 'Enter your password.';
    const outcome = await call('DELETE', '/api/auth/account', hasPassword ? { password: typed } : {});
    if (outcome.ok) goTo('/');
    else if (outcome.fault.status === 401) goSignIn();
    else if (outcome.fault.code === 'sign-in-again' && !isGuest) setIsStale(true);
    else return outcome.fault.detail;
    return undefined;
  }

  return (
    <AccountPart id="data" heading="My data">
      <p>
        <a href="/account/data" download>
          Download what is stored about me
        </a>
        <span className="hint"> as a file that programs can read.</span>
      </p>
      <h3>When {isGuest ? 'your data is' : 'your account is'} deleted</h3>
      <ul className="plain">
        <li>Your address, your name, your passkeys and all sessions are deleted at once.</li>
        <li>
          Orders and tickets stay valid, without your name or address, for as long as their organisers have to keep
          their books.
        </li>
        {!isGuest && (
          <li>
            What you sell stays on sale, and nobody here can change, cancel or refund it any more. Cancel your shows and
            withdraw your tickets first.
            {sells && <Sells sells={sells} />}
          </li>
        )}
        <li>
          The messages between the parts of this shop, some of which name you, are deleted after {keptDays.events} days;
          those that could not be delivered after {keptDays.unhandled} days.
        </li>
      </ul>
      <div className="actions">
        <Confirm
          action={isGuest ? 'Delete my data' : 'Delete my account'}
          look="danger"
          question={isGuest ? 'Delete your data?' : 'Delete your account?'}
          no={isGuest ? 'Keep the data' : 'Keep the account'}
          yes={isGuest ? 'Delete the data' : 'Delete the account'}
          fields={
            hasPassword && (
              <Field
                ref={password}
                label="Your password"
                name="delete-password"
                type="password"
                autoComplete="current-password"
              />
            )
          }
          onYes={remove}
        >
          {email} is forgotten here, and you are signed out everywhere. Save your tickets first: they stay valid, but
          you no longer find them here.{' '}
          {sells && `You still have ${sells.words}, and nobody here can cancel or refund that any more. `}This cannot be
          undone.
        </Confirm>
      </div>
      {isStale && <SignInAgain email={email} hasPasskey={hasPasskey} />}
    </AccountPart>
  );
}

/** ` You still have 2 shows to come: Carmen, Tosca.` */
function Sells({ sells: { words, first, more } }: { readonly sells: StillSold }) {
  return (
    <>
      {' '}
      You still have {words}:{' '}
      {first.map(({ path, title }, index) => (
        <Fragment key={path}>
          {index > 0 && ', '}
          <Link href={path} prefetch={false}>
            <bdi>{title}</bdi>
          </Link>
        </Fragment>
      ))}
      {more > 0 && ` and ${more} more`}.
    </>
  );
}
