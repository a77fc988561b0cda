import { isIP } from 'node:net';
import { Credentials, CurrentUser, NewAccount, Token, User } from '@box-office/common/contracts/auth';
import type { Cookie } from '@box-office/common/http/exchange';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Api, route } from '@box-office/common/http/route';
import { notSignedIn } from '@box-office/common/problem';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { Accounts } from './account.ts';
import type { Cookies } from './cookies.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { mustBeOwnOrigin, mustNotBeForeign } from './origin.ts';
import type { Passwords } from './password.ts';
import type { Sessions } from './session.ts';
import type { SignIn } from './sign-in.ts';
import type { Signer } from './signing-keys.ts';

export interface AuthRoutes {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly browsers: KnownBrowsers;
  readonly passwords: Passwords;
  readonly signIn: SignIn;
  readonly signUpLimit: RequestHandler;
  readonly signer: Signer;
  readonly cookies: Cookies;
  readonly publicOrigin: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Public keys, RFC 7517. */
const Jwks = z.object({
  keys: z.array(
    z.looseObject({ kid: z.string(), kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  ),
});

const setsCookies = {
  'Set-Cookie':
    'The session, HttpOnly: `__Host-session` under https, `session` under http, followed by the port (`session-8080`) ' +
    'unless it is 443 or 80. Also `__Secure-known-browser` or `known-browser`, by the same rule: ' +
    'wrong passwords from elsewhere do not slow this browser down',
};

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
      route('POST /api/auth/signup', {
        who: 'anyone',
        summary: 'Open an account and sign in',
        body: NewAccount,
        limits: [notForeign, signUpLimit],
        answers: { 201: { description: 'Account opened and signed in', body: User, headers: setsCookies } },
        problems: ['cross-origin', 'email-in-use', 'too-many-requests', 'too-busy'],
        async handle({ body: { email, password }, req }) {
          const hash = await passwords.hash(password, { account: email, address: addressOf(req) });
          const user = await accounts.open({ id: newId(), email, password: hash, createdAt: now() });
          return { status: 201, cookies: await beginSession(parts, req, user), body: user };
        },
      }),

      route('POST /api/auth/signin', {
        who: 'anyone',
        summary: 'Sign in, in a browser',
        body: Credentials,
        limits: [notForeign],
        answers: { 200: { description: 'Signed in', body: User, headers: setsCookies } },
        problems: ['cross-origin', 'invalid-credentials', 'too-many-requests', 'too-busy'],
        async handle({ body, req, requestId }) {
          const user = await signedInUser(parts, body, req, requestId);
          return { status: 200, cookies: await beginSession(parts, req, user), body: user };
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
          const { token, expiresAt } = await sessions.open(await signedInUser(parts, body, req, requestId));
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
          return { status: 200, body: { currentUser: token ? await sessions.find(token) : null } };
        },
      }),

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
          const user = token ? await sessions.find(token) : null;
          if (!user) throw notSignedIn();
          if (!bearer) mustBeOwnOrigin(req, req.get('X-Forwarded-Method') ?? 'POST', publicOrigin);
          return { status: 200, headers: { Authorization: `Bearer ${await signer.sign(user.id)}` } };
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

const signedInUser = (
  { signIn, cookies }: AuthRoutes,
  credentials: z.infer<typeof Credentials>,
  req: Request,
  requestId: string,
): Promise<User> =>
  signIn({
    ...credentials,
    address: isIP(req.ip ?? '') ? String(req.ip) : 'unknown',
    network: addressOf(req),
    knownBrowser: cookies.knownBrowser(req),
    requestId,
  });

/** A new session that replaces the browser's current one. */
async function beginSession({ sessions, browsers, cookies }: AuthRoutes, req: Request, user: User): Promise<Cookie[]> {
  const before = cookies.sessionToken(req);
  if (before) await sessions.close(before);
  const { token } = await sessions.open(user);
  const marks = await browsers.remember(cookies.knownBrowser(req), user.id);
  return [cookies.session(token), cookies.markOfBrowser(marks)];
}
