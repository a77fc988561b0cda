import { isIP } from 'node:net';
import { Credentials, CurrentUser, NewAccount, Token, User } from '@box-office/common/contracts/auth';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Api, route } from '@box-office/common/http/route';
import { notSignedIn, Problem, problem } from '@box-office/common/problem';
import { changed } from '@box-office/common/store/change';
import { isDuplicateKey } from '@box-office/common/store/duplicate-key';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { beginSession, fromOf, noticeElsewhere, setsCookies } from './begin-session.ts';
import { mustNotBeCommon } from './common-passwords.ts';
import { type LinkRoutes, linkRoutes } from './links/routes.ts';
import { mustBeOwnOrigin, mustNotBeForeign } from './origin.ts';
import { type PasskeyRoutes, passkeyRoutes } from './passkeys/routes.ts';
import { type Account, newPerson, viewOf } from './people/account.ts';
import { type AccountRoutes, accountRoutes } from './people/account-routes.ts';
import { languageOf } from './people/language.ts';
import { noticed } from './people/notice.ts';
import { type GuestRoutes, guestRoutes } from './people/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import type { SignIn } from './sign-in.ts';
import type { Signer } from './signing-keys.ts';
import type { Tallies } from './tallies.ts';

export interface AuthRoutes
  extends AccountRoutes,
    Omit<GuestRoutes, 'notForeign'>,
    Omit<LinkRoutes, 'notForeign'>,
    Omit<PasskeyRoutes, 'notForeign'> {
  readonly tallies: Tallies;
  readonly signIn: SignIn;
  readonly signUpLimit: RequestHandler;
  readonly signer: Signer;
  readonly publicOrigin: string;
}

/** Public keys, RFC 7517. */
const Jwks = z.object({
  keys: z.array(
    z.looseObject({ kid: z.string(), kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  ),
});

export function api(parts: AuthRoutes): Api {
  const { accounts, sessions, passwords, signUpLimit, signer, cookies, publicOrigin, now, newId } = parts;

  /** Runs before anything is counted: another site must not use up its visitors' limits. */
  const notForeign: RequestHandler = (req, _res, next) => {
    mustNotBeForeign(req, publicOrigin);
    next();
  };

  return {
    name: 'auth',
    summary: 'Who has an account and who is signed in.',
    routes: [
      // First, and so found first: the gateway asks for it with every request that it forwards.
      route('GET /identity', {
        who: 'inside',
        summary:
          'Called by the gateway before it forwards a request (forwardAuth): exchanges a session for a signed identity',
        answers: {
          200: {
            description: 'Signed in',
            headers: { Authorization: '`Bearer` and an ES256 JWT, valid for a minute' },
          },
        },
        problems: ['not-signed-in', 'cross-origin'],
        async handle({ req }) {
          const bearer = bearerToken(req);
          const token = bearer ?? cookies.sessionToken(req);
          const found = token ? await sessions.find(token) : null;
          if (!found) throw notSignedIn();
          if (!bearer) mustBeOwnOrigin(req, req.get('X-Forwarded-Method') ?? 'POST', publicOrigin);
          return { status: 200, headers: { Authorization: `Bearer ${await signer.sign(found.identity)}` } };
        },
      }),

      route('POST /api/auth/signup', {
        who: 'anyone',
        summary: 'Open an account and sign in. With an address that has one it is a sign-in',
        body: NewAccount,
        limits: [notForeign, signUpLimit],
        answers: {
          200: { description: 'Signed in: there was an account with this password', body: User, headers: setsCookies },
          201: { description: 'Account opened and signed in', body: User, headers: setsCookies },
        },
        problems: ['cross-origin', 'invalid-credentials', 'too-many-requests', 'too-busy'],
        async handle({ body: { email, password }, req, requestId }) {
          mustNotBeCommon(password, email);
          const hash = await passwords.hash(password, { account: email, address: addressOf(req) });
          const opened = newPerson({ id: newId(), email, password: hash, language: languageOf(req), at: now() });
          try {
            const account = await accounts.add(opened);
            return { status: 201, cookies: await beginSession(parts, req, account), body: viewOf(account) };
          } catch (error) {
            if (!isDuplicateKey(error)) throw error;
          }
          const account = await signedInAccount(parts, { email, password }, req, requestId).catch(async (error) => {
            await tellOwnerOfSignUp(parts, email);
            throw isWrong(error) ? problem('invalid-credentials', haveAnAccount) : error;
          });
          await noticeElsewhere(parts, req, account);
          return { status: 200, cookies: await beginSession(parts, req, account), body: viewOf(account) };
        },
      }),

      ...guestRoutes({ ...parts, notForeign }),
      ...linkRoutes({ ...parts, notForeign }),
      ...accountRoutes(parts),
      ...sessionRoutes(parts),
      ...passkeyRoutes({ ...parts, notForeign }),

      route('POST /api/auth/signin', {
        who: 'anyone',
        summary: 'Sign in, in a browser',
        body: Credentials,
        limits: [notForeign],
        answers: { 200: { description: 'Signed in', body: User, headers: setsCookies } },
        problems: ['cross-origin', 'invalid-credentials', 'too-many-requests', 'too-busy'],
        async handle({ body, req, requestId }) {
          const account = await signedInAccount(parts, body, req, requestId);
          await noticeElsewhere(parts, req, account);
          return { status: 200, cookies: await beginSession(parts, req, account), body: viewOf(account) };
        },
      }),

      route('POST /api/auth/token', {
        who: 'anyone',
        summary: 'Sign in, as a program',
        body: Credentials,
        limits: [notForeign],
        answers: { 200: { description: 'A token to send as `Authorization: Bearer …`', body: Token } },
        problems: ['cross-origin', 'invalid-credentials', 'too-many-requests', 'too-busy'],
        async handle({ body, req, requestId }) {
          const account = await signedInAccount(parts, body, req, requestId);
          await noticeElsewhere(parts, req, account);
          const { token, expiresAt } = await sessions.open(account, fromOf(req));
          return { status: 200, body: { token, expiresAt: expiresAt.toISOString() } };
        },
      }),

      // A form on another site sends no cookie, but must still not be able to clear it.
      route('POST /api/auth/signout', {
        who: 'anyone',
        summary: 'End the session',
        answers: {
          204: {
            description: 'The session has ended, if there was one',
            headers: { 'Set-Cookie': 'Clears the session cookie' },
          },
        },
        problems: ['cross-origin'],
        async handle({ req }) {
          const bearer = bearerToken(req);
          if (!bearer) mustBeOwnOrigin(req, req.method, publicOrigin);
          const token = bearer ?? cookies.sessionToken(req);
          if (token) await sessions.close(token);
          return { status: 204, cookies: [cookies.noSession] };
        },
      }),

      route('GET /api/auth/currentuser', {
        who: 'anyone',
        summary: 'Who is signed in',
        answers: { 200: { description: 'The user, or null', body: CurrentUser } },
        async handle({ req }) {
          const token = bearerToken(req) ?? cookies.sessionToken(req);
          return { status: 200, body: { currentUser: token ? ((await sessions.find(token))?.user ?? null) : null } };
        },
      }),

      route('GET /.well-known/jwks.json', {
        who: 'inside',
        summary: 'The public keys for verifying identities',
        answers: {
          200: { description: 'The keys', body: Jwks, headers: { 'Cache-Control': 'How long they may be cached' } },
        },
        async handle() {
          return { status: 200, headers: { 'Cache-Control': 'public, max-age=60' }, body: Jwks.parse(signer.jwks) };
        },
      }),
    ],
  };
}

const bearerToken = (req: Request) => /^Bearer ([\w-]{43})$/.exec(req.get('Authorization') ?? '')?.[1];

const haveAnAccount = 'This did not work. If you have an account, sign in, or ask for a link by mail.';

const isWrong = (error: unknown): boolean => error instanceof Problem && error.code === 'invalid-credentials';

/** Once within the window. */
async function tellOwnerOfSignUp({ accounts, tallies, now }: AuthRoutes, email: string): Promise<void> {
  const tally = tallies.of(`sign-ups as ${email}`);
  if (tally.wrong++ > 0) return;
  tally.firstAt = now().getTime();
  const owner = await accounts.personOf(email);
  if (owner) await accounts.change(owner.id, (it) => changed(it, noticed({ what: 'sign-up-tried', at: now() })));
}

const signedInAccount = (
  { signIn, cookies }: AuthRoutes,
  credentials: z.infer<typeof Credentials>,
  req: Request,
  requestId: string,
): Promise<Account> =>
  signIn({
    ...credentials,
    address: isIP(req.ip ?? '') ? String(req.ip) : 'unknown',
    network: addressOf(req),
    knownBrowser: cookies.knownBrowser(req),
    requestId,
  });
