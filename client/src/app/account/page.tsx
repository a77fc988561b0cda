import { AccountView, Passkey, Session } from '@box-office/common/contracts/auth';
import { ListedShow } from '@box-office/common/contracts/shows';
import { TicketAnswer } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import { z } from 'zod';
import { AccountOffer } from '../../components/account-offer.tsx';
import { AccountPart } from '../../components/account-part.tsx';
import { MailedLink } from '../../components/mailed-link.tsx';
import { MyData } from '../../components/my-data.tsx';
import { PasskeyList } from '../../components/passkey-list.tsx';
import { PasswordForm } from '../../components/password-form.tsx';
import { SessionList } from '../../components/session-list.tsx';
import { mostRead, type StillSold, stillSold } from '../../lib/still-sold.ts';
import { mustBeSignedIn, read, readIfThere } from '../../server/gateway.ts';
import { page } from '../../server/page.tsx';

export const metadata: Metadata = { title: 'My account' };

const path = '/account';

/** What somebody has here, and how they sign in. */
export default page(async () => {
  await mustBeSignedIn(path);
  const [{ data: account }, { data: sessions }, { data: passkeys }, sells] = await Promise.all([
    read('/api/auth/account', AccountView, path),
    read('/api/auth/sessions', z.array(Session), path),
    read('/api/auth/passkeys', z.array(Passkey), path),
    readStillSold(),
  ]);
  const isGuest = account.kind === 'guest';
  const hasPasskey = passkeys.length > 0;
  return (
    <div className="medium">
      <h1>{isGuest ? 'You are a guest' : 'My account'}</h1>
      <Address account={account} />
      {isGuest ? (
        <AccountOffer email={account.email} />
      ) : (
        <>
          <PasskeyList email={account.email} passkeys={passkeys} hasPassword={account.hasPassword} />
          <PasswordForm email={account.email} isSet={account.hasPassword} hasPasskey={hasPasskey} />
        </>
      )}
      <SessionList sessions={sessions} />
      <MyData
        email={account.email}
        hasPassword={account.hasPassword}
        hasPasskey={hasPasskey}
        isGuest={isGuest}
        sells={sells}
      />
    </div>
  );
});

async function readStillSold(): Promise<StillSold | null> {
  const [shows, tickets] = await Promise.all([
    readIfThere(`/api/shows/mine?limit=${mostRead}`, ListedShow.array()),
    readIfThere(`/api/tickets/mine?limit=${mostRead}`, TicketAnswer.array()),
  ]);
  return stillSold(shows ?? [], tickets ?? []);
}

function Address({ account: { kind, email, name, verified } }: { readonly account: AccountView }) {
  // A guest proves nothing: the key in the mails opens the orders.
  const isPerson = kind === 'person';
  return (
    <AccountPart id="address" heading={name ?? 'Address'}>
      <p className="address">
        {email}{' '}
        {isPerson && (
          <span className={`badge badge-${verified ? 'good' : 'plain'}`}>
            {verified ? 'Confirmed' : 'Not confirmed'}
          </span>
        )}
      </p>
      {isPerson && !verified && (
        <>
          <p className="hint">
            Confirm it by a link, and you also find here what was bought with this address without an account.
          </p>
          <MailedLink purpose="verify" email={email} action="Mail me a link" />
        </>
      )}
    </AccountPart>
  );
}
