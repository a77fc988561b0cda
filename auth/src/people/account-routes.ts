import {
  AccountView,
  FirstPassword,
  Goodbye,
  PasswordChange,
  PersonalData,
  User,
} from '@box-office/common/contracts/auth';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Route, route } from '@box-office/common/http/route';
import { notSignedIn, problem } from '@box-office/common/problem';
import { idsOf, type SignedInUser } from '@box-office/common/signed-in-user';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import type { Request } from 'express';
import { beginSession, fromOf, type SessionParts, setsCookies } from '../begin-session.ts';
import { mustNotBeCommon } from '../common-passwords.ts';
import type { Links } from '../links/links.ts';
import { type PasskeyStore, passkeyView } from '../passkeys/store.ts';
import type { Passwords } from '../password.ts';
import { type Account, becomePerson, forget, mustBeOfEra, setPassword, storedPassword, viewOf } from './account.ts';
import type { Confirm } from './confirm.ts';
import type { ForgetAccount } from './forget-account.ts';

export interface AccountRoutes extends SessionParts {
  readonly links: Links;
  readonly passwords: Passwords;
  readonly passkeyStore: PasskeyStore;
  readonly confirm: Confirm;
  readonly forgetAccount: ForgetAccount;
}

const accountView = (account: Account, passkeys: number) => ({
  ...viewOf(account),
  hasPassword: storedPassword(account) !== null,
  passkeys,
  language: account.language,
});

/** What somebody does with their own account. */
export function accountRoutes(parts: AccountRoutes): Route[] {
  const { accounts, links, sessions, browsers, passkeyStore, passwords, confirm, forgetAccount, cookies, now } = parts;
  const view = async (account: Account) => accountView(account, (await passkeyStore.of(account)).length);
  const claimantOf = (account: Account, req: Request) => ({ account: account.email, address: addressOf(req) });

  async function accountOf(user: SignedInUser): Promise<Account> {
    const account = await accounts.find(user.id);
    if (!account || account.forgottenAt !== null) throw notSignedIn();
    return account;
  }

  async function personOf(user: SignedInUser): Promise<Account> {
    const account = await accountOf(user);
    if (account.kind === 'guest') throw problem('person-only', 'You are a guest: open an account first.');
    return account;
  }

  return [
    route('GET /api/auth/account', {
      who: 'signedIn',
      summary: 'My account, and how it can be opened',
      answers: { 200: { description: 'The account', body: AccountView } },
      async handle({ user }) {
        return { status: 200, body: await view(await accountOf(user)) };
      },
    }),

    route('POST /api/auth/account', {
      who: 'signedIn',
      summary: 'Open an account as a guest; everything that was bought stays',
      body: FirstPassword,
      answers: { 200: { description: 'The account, signed in anew', body: User, headers: setsCookies } },
      problems: ['guest-only', 'invalid-credentials', 'too-busy', 'busy'],
      async handle({ user, body: { password }, req }) {
        const guest = await accountOf(user);
        mustNotBeCommon(password, guest.email);
        const hash = await passwords.hash(password, claimantOf(guest, req));
        const account = await accounts
          .change(guest.id, (it) => becomePerson(it, hash))
          .catch(async (error: unknown) => {
            if (!isDuplicateKey(error)) throw error;
            await links.ask('sign-in', guest.email);
            throw problem('invalid-credentials', 'This did not work. We have sent you a link by mail to go on with.');
          });
        await sessions.closeAll(account.id);
        return { status: 200, cookies: await beginSession(parts, req, account), body: viewOf(account) };
      },
    }),

    route('PUT /api/auth/password', {
      who: 'signedIn',
      summary: 'Set or change my password, which ends all other sessions',
      body: PasswordChange,
      answers: { 204: { description: 'Changed' } },
      problems: ['person-only', 'wrong-password', 'sign-in-again', 'too-many-requests', 'too-busy', 'busy'],
      async handle({ user, body: { current, password }, req }) {
        const account = await personOf(user);
        mustNotBeCommon(password, account.email);
        await confirm(account, { user, password: current, network: addressOf(req) });
        const hash = await passwords.hash(password, claimantOf(account, req));
        const notice = { what: 'password-changed', at: now(), device: fromOf(req).device } as const;
        const changed = await accounts.change(account.id, (it) => {
          mustBeOfEra(it, account);
          return setPassword(it, hash, notice);
        });
        await sessions.keep(changed, user.session);
        await sessions.closeAll(account.id, user.session);
        return { status: 204 };
      },
    }),

    route('GET /api/auth/data', {
      who: 'signedIn',
      summary: 'Everything that is known of me here',
      answers: { 200: { description: 'My data; what I bought is with orders', body: PersonalData } },
      async handle({ user }) {
        const account = await accountOf(user);
        const guests = await Promise.all(
          idsOf(user)
            .slice(1)
            .map((id) => accounts.find(id)),
        );
        const { createdAt } = account;
        return {
          status: 200,
          body: {
            account: { ...(await view(account)), ...(createdAt && { createdAt: createdAt.toISOString() }) },
            guests: guests.flatMap((guest) => (guest ? viewOf(guest) : [])),
            sessions: await sessions.list(account.id, user.session),
            passkeys: (await passkeyStore.of(account)).map(passkeyView),
            knownBrowsers: await browsers.list(account.id),
          },
        };
      },
    }),

    route('DELETE /api/auth/account', {
      who: 'signedIn',
      summary: 'Delete my account; orders stay, without me',
      body: Goodbye,
      answers: {
        204: { description: 'Deleted, with its sessions, links and the guests of its proved address' },
      },
      problems: ['wrong-password', 'sign-in-again', 'too-many-requests', 'too-busy', 'busy'],
      async handle({ user, body: { password }, req }) {
        const account = await accountOf(user);
        await confirm(account, { user, password, network: addressOf(req) });
        // The account last: once it is gone, nobody knows any more that these links and guests were of the same person.
        await links.forget(account);
        for (
          let guests = await accounts.guestsOf(account);
          guests.length > 0;
          guests = await accounts.guestsOf(account)
        ) {
          for (const id of guests) await forgetAccount(id, (it) => forget(it, now()));
        }
        await forgetAccount(account.id, (it) => {
          mustBeOfEra(it, account);
          return forget(it, now());
        });
        return { status: 204, cookies: [cookies.noSession] };
      },
    }),
  ];
}
