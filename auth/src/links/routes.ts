import { LinkUse, NewLink, User } from '@box-office/common/contracts/auth';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Route, route } from '@box-office/common/http/route';
import { invalidRequest } from '@box-office/common/problem';
import type { RequestHandler } from 'express';
import { beginSession, type SessionParts, setsCookies } from '../begin-session.ts';
import { mustNotBeCommon } from '../common-passwords.ts';
import type { PasskeyStore } from '../passkeys/store.ts';
import type { Passwords } from '../password.ts';
import { viewOf } from '../people/account.ts';
import type { Links } from './links.ts';
import { inSteps } from './steps.ts';

export interface LinkRoutes extends SessionParts {
  readonly links: Links;
  readonly passwords: Passwords;
  readonly passkeyStore: PasskeyStore;
  readonly linkLimit: RequestHandler;
  /** Refuses requests of other sites. */
  readonly notForeign: RequestHandler;
}

/**
 * An answer comes at one of these steps. Otherwise a known address takes a millisecond more, because its link is
 * announced, and many samples would show it.
 */
const stepMs = 50;

export function linkRoutes(parts: LinkRoutes): Route[] {
  const { links, passwords, passkeyStore, sessions, browsers, cookies, linkLimit, notForeign } = parts;
  return [
    route('POST /api/auth/links', {
      who: 'anyone',
      summary: 'Ask for a link by mail: to verify an address, to sign in, or to reset a password',
      body: NewLink,
      limits: [notForeign, linkLimit],
      answers: { 202: { description: 'If there is anything to mail, it is mailed. The answer is always the same' } },
      problems: ['cross-origin', 'too-many-requests'],
      async handle({ body: { purpose, email } }) {
        await inSteps(stepMs, () => links.ask(purpose, email));
        return { status: 202 };
      },
    }),

    route('POST /api/auth/links/use', {
      who: 'anyone',
      summary: 'Use a link once, which proves the address and signs in',
      body: LinkUse,
      limits: [notForeign],
      answers: {
        200: {
          description:
            'Signed in. A reset ends all other sessions; so does the first proof of an address from a browser that is not signed in to its account, which also removes the password and the passkeys, because somebody else may have set it',
          body: User,
          headers: setsCookies,
        },
      },
      problems: ['cross-origin', 'link-not-valid', 'too-busy', 'busy'],
      async handle({ body: { token, password }, req }) {
        const { purpose, email } = await links.look(token);
        if ((purpose === 'reset') !== (password !== undefined)) {
          const message = purpose === 'reset' ? 'is needed for a reset' : 'is only for a reset';
          throw invalidRequest([{ field: 'password', message }]);
        }
        if (password !== undefined) mustNotBeCommon(password, email);
        const claimant = { account: `link ${token}`, address: addressOf(req) };
        const hash = password === undefined ? null : await passwords.hash(password, claimant);
        const session = cookies.sessionToken(req);
        const signedInAs = session ? ((await sessions.find(session))?.user.id ?? null) : null;
        const { account, mustEndOthers, isTakenBack } = await links.use({ token, password: hash, signedInAs });
        if (isTakenBack) {
          await passkeyStore.forget(account.id);
          await browsers.forget(account.id);
        }
        if (mustEndOthers) await sessions.closeAll(account.id);
        sessions.forgetUser(account.id);
        return { status: 200, cookies: await beginSession(parts, req, account), body: viewOf(account) };
      },
    }),
  ];
}
