import { Passkey, User } from '@box-office/common/contracts/auth';
import {
  AddedPasskey,
  NewPasskey,
  PasskeyOptions,
  PasskeySignIn,
  PasskeyWish,
} from '@box-office/common/contracts/passkeys';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Route, route } from '@box-office/common/http/route';
import { notFound, notSignedIn, problem } from '@box-office/common/problem';
import type { SignedInUser } from '@box-office/common/signed-in-user';
import { type Change, changed } from '@box-office/common/store/change';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { beginSession, fromOf, noticeElsewhere, type SessionParts, setsCookies } from '../begin-session.ts';
import type { Links } from '../links/links.ts';
import { type Account, becomePerson, mustBeOfEra, noPassword, viewOf } from '../people/account.ts';
import type { Confirm } from '../people/confirm.ts';
import { noticed } from '../people/notice.ts';
import { type Passkeys, refused } from './passkeys.ts';
import { type PasskeyStore, passkeyView } from './store.ts';

export interface PasskeyRoutes extends SessionParts {
  readonly passkeys: Passkeys;
  readonly passkeyStore: PasskeyStore;
  readonly links: Links;
  readonly confirm: Confirm;
  readonly passkeyLimit: RequestHandler;
  /** Refuses requests of other sites. */
  readonly notForeign: RequestHandler;
}

/** More devices than a person has. */
const mostPasskeys = 20;

export function passkeyRoutes(parts: PasskeyRoutes): Route[] {
  const { accounts, sessions, passkeys, passkeyStore, links, confirm, passkeyLimit, notForeign, now } = parts;

  async function accountOf(user: SignedInUser): Promise<Account> {
    const account = await accounts.find(user.id);
    if (!account || account.forgottenAt !== null) throw notSignedIn();
    return account;
  }

  async function mayHaveAnother(account: Account): Promise<void> {
    if ((await passkeyStore.of(account)).length < mostPasskeys) return;
    throw problem('too-many-passkeys', `You have ${mostPasskeys} passkeys. Remove one of them first.`);
  }

  return [
    // Before the path with an id, which `sign-in` is none of.
    route('POST /api/auth/passkeys/sign-in/options', {
      who: 'anyone',
      summary: 'Begin to sign in with a passkey',
      body: z.strictObject({}),
      limits: [notForeign, passkeyLimit],
      answers: { 200: { description: 'What the browser needs to ask for one', body: PasskeyOptions } },
      problems: ['cross-origin', 'too-many-requests'],
      async handle() {
        return { status: 200, body: { ...(await passkeys.request()) } };
      },
    }),

    route('POST /api/auth/passkeys/sign-in', {
      who: 'anyone',
      summary: 'Sign in with a passkey',
      body: PasskeySignIn,
      limits: [notForeign],
      answers: { 200: { description: 'Signed in', body: User, headers: setsCookies } },
      problems: ['cross-origin', 'invalid-credentials'],
      async handle({ body, req }) {
        const account = await passkeys.signedBy(body.response, (id) => accountOf({ id }));
        await noticeElsewhere(parts, req, account);
        return { status: 200, cookies: await beginSession(parts, req, account), body: viewOf(account) };
      },
    }),

    route('POST /api/auth/passkeys/options', {
      who: 'signedIn',
      summary: 'Begin to add a passkey',
      body: PasskeyWish,
      answers: { 200: { description: 'What the browser needs to make one', body: PasskeyOptions } },
      problems: ['wrong-password', 'sign-in-again', 'too-many-passkeys', 'too-many-requests', 'too-busy'],
      async handle({ user, body: { password }, req }) {
        const account = await accountOf(user);
        await mayHaveAnother(account);
        await confirm(account, { user, password, network: addressOf(req) });
        return { status: 200, body: { ...(await passkeys.creation(account)) } };
      },
    }),

    route('POST /api/auth/passkeys', {
      who: 'signedIn',
      summary: 'Add a passkey; a guest becomes a person by it',
      body: NewPasskey,
      answers: { 201: { description: 'Added. A guest is signed in anew', body: AddedPasskey, headers: setsCookies } },
      problems: ['invalid-credentials', 'too-many-passkeys', 'busy'],
      async handle({ user, body, req }) {
        const before = await accountOf(user);
        await mayHaveAnother(before);
        const { device } = fromOf(req);
        const made = await passkeys.made(before, body.response, device);
        const notice = noticed({ what: 'passkey-added', at: now(), device });
        const add = (it: Account): Change<Account> => {
          mustBeOfEra(it, before);
          const { next, announce } = it.kind === 'guest' ? becomePerson(it, noPassword) : changed(it);
          return { next, announce: [...announce, notice], changed: true };
        };
        // Before the account says so. If its owner takes the account back meanwhile, it is of an earlier era.
        await passkeyStore.add(made).catch((error: unknown) => {
          throw isDuplicateKey(error) ? refused(error) : error;
        });
        const account = await accounts.change(before.id, add).catch(async (error: unknown) => {
          await passkeyStore.discard(made);
          if (!isDuplicateKey(error)) throw error;
          await links.ask('sign-in', before.email);
          throw problem('invalid-credentials', 'This did not work. We have sent you a link by mail to go on with.');
        });
        const answer = { status: 201, body: { passkey: passkeyView(made), user: viewOf(account) } } as const;
        if (before.kind === 'person') return answer;
        await sessions.closeAll(account.id);
        return { ...answer, cookies: await beginSession(parts, req, account) };
      },
    }),

    route('GET /api/auth/passkeys', {
      who: 'signedIn',
      summary: 'My passkeys',
      answers: { 200: { description: 'The newest first', body: z.array(Passkey) } },
      async handle({ user }) {
        return { status: 200, body: (await passkeyStore.of(await accountOf(user))).map(passkeyView) };
      },
    }),

    route('DELETE /api/auth/passkeys/:id', {
      who: 'signedIn',
      summary: 'Remove one of my passkeys',
      body: PasskeyWish,
      answers: { 204: { description: 'It opens the account no longer' } },
      problems: ['wrong-password', 'sign-in-again', 'too-many-requests', 'too-busy', 'busy'],
      async handle({ user, params, body: { password }, req }) {
        const account = await accountOf(user);
        if (!(await passkeyStore.of(account)).some(({ _id }) => _id === params.id)) throw notFound();
        await confirm(account, { user, password, network: addressOf(req) });
        await passkeyStore.remove(user.id, params.id);
        const notice = noticed({ what: 'passkey-removed', at: now(), device: fromOf(req).device });
        await accounts.change(user.id, (it) => changed(it, notice));
        return { status: 204 };
      },
    }),
  ];
}
