import { NewGuest, OpenGuest, User } from '@box-office/common/contracts/auth';
import { type Route, route } from '@box-office/common/http/route';
import { problem } from '@box-office/common/problem';
import { isTheirs } from '@box-office/common/signed-in-user';
import type { Request, RequestHandler } from 'express';
import { beginSession, type SessionParts, setsCookies } from '../begin-session.ts';
import { notValid } from '../links/link.ts';
import { originOf } from '../origin.ts';
import type { Found } from '../sessions/sessions.ts';
import { again, alreadySignedIn, newGuest, used, viewOf } from './account.ts';
import { languageOf } from './language.ts';

export interface GuestRoutes extends SessionParts {
  readonly guestLimit: RequestHandler;
  /** Limits guests who give the same address, see `givenAddress`. */
  readonly sameGuestLimit: RequestHandler;
  /** Refuses requests of other sites. */
  readonly notForeign: RequestHandler;
  readonly publicOrigin: string;
  readonly newId: () => string;
  readonly randomBytes: (size: number) => Buffer;
}

/** The address in a request to become a guest; empty if there is none. */
export const givenAddress = ({ body }: Request): string => Given.catch({ email: '' }).parse(body).email;

const Given = NewGuest.pick({ email: true }).strip();

export function guestRoutes(parts: GuestRoutes): Route[] {
  const { accounts, sessions, cookies, guestLimit, sameGuestLimit, notForeign, now, newId, randomBytes, publicOrigin } =
    parts;

  async function current(req: Request): Promise<Found | null> {
    const token = cookies.sessionToken(req);
    return token ? sessions.find(token) : null;
  }

  return [
    route('POST /api/auth/guest', {
      who: 'anyone',
      summary: 'Begin to buy without an account',
      body: NewGuest,
      limits: [notForeign, guestLimit, sameGuestLimit],
      answers: {
        200: { description: 'The guest that this browser already was', body: User },
        201: { description: 'A new guest, signed in', body: User, headers: setsCookies },
      },
      problems: ['cross-origin', 'already-signed-in', 'too-many-requests', 'busy'],
      async handle({ body: { email, name }, req }) {
        const user = (await current(req))?.user;
        if (user?.kind === 'person') throw alreadySignedIn();
        const from = { name, key: randomBytes(32).toString('base64url'), at: now() };
        if (user?.email === email) {
          const guest = await accounts.change(user.id, (it) => again(it, from));
          sessions.forgetUser(guest.id);
          if (guest.forgottenAt === null) return { status: 200, body: viewOf(guest) };
        }
        const guest = await accounts.add(newGuest({ ...from, id: newId(), email, language: languageOf(req) }));
        return { status: 201, cookies: await beginSession(parts, req, guest), body: viewOf(guest) };
      },
    }),

    route('POST /api/auth/guest/open', {
      who: 'anyone',
      summary: 'Open what a guest bought, with the key in the mails about it',
      body: OpenGuest,
      answers: {
        200: {
          description:
            'The guest, signed in anew; or the person who is signed in and has the guest’s orders already. From another site only if it is that guest’s browser',
          body: User,
          headers: setsCookies,
        },
      },
      problems: ['cross-origin', 'already-signed-in', 'link-not-valid'],
      async handle({ body: { key }, req }) {
        const guest = await accounts.guestWith(key, now());
        if (!guest) throw notValid();
        const found = await current(req);
        if (found?.user.kind === 'person') {
          if (isTheirs(found.identity, guest.id)) return { status: 200, body: found.user };
          throw problem('already-signed-in', 'You are signed in as somebody else. Sign out to open this.');
        }
        // Otherwise another site could make its visitors buy as its own guest.
        if (found?.user.id !== guest.id && originOf(req, publicOrigin) === 'foreign') {
          const { name, email } = guest;
          throw problem('cross-origin', `You are about to open the orders of ${name ?? 'a guest'}, ${email}.`);
        }
        const opened = await accounts.change(guest.id, (it) => used(it, now()));
        if (opened.forgottenAt !== null) throw notValid();
        // As it was when the key was valid.
        return { status: 200, cookies: await beginSession(parts, req, guest), body: viewOf(guest) };
      },
    }),
  ];
}
