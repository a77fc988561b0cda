import { isIP } from 'node:net';
import { Credentials, NewAccount, type User } from '@box-office/common/contracts/auth';
import { addressOf, limitRate } from '@box-office/common/http/rate-limit';
import { notSignedIn } from '@box-office/common/problem';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Accounts } from './account.ts';
import type { Config } from './config.ts';
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
  readonly signer: Signer;
  readonly cookies: Cookies;
  readonly config: Config;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function routes(parts: AuthRoutes): Router {
  const { accounts, sessions, browsers, passwords, signIn, signer, cookies, config, now, newId } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const publicOrigin = config.PUBLIC_ORIGIN;

  /** Before anything is counted: another site must not use up what its visitors' addresses are allowed. */
  const notForeign: RequestHandler = (req, _res, next) => {
    mustNotBeForeign(req, publicOrigin);
    next();
  };
  const signupLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.SIGNUPS_PER_ADDRESS,
    why: 'Too many accounts were opened from your network.',
  });

  const userWhoSignsIn = (req: Request, res: Response) =>
    signIn({
      ...Credentials.parse(req.body),
      address: isIP(req.ip ?? '') ? String(req.ip) : 'unknown',
      network: addressOf(req),
      knownBrowser: cookies.knownBrowser(req),
      requestId: String(res.locals.requestId),
    });

  /** A new session in the browser, in place of the one it had. */
  async function beginSession(req: Request, res: Response, user: User): Promise<void> {
    const before = cookies.sessionToken(req);
    if (before) await sessions.close(before);
    const { token } = await sessions.open(user);
    cookies.setSession(res, token);
    cookies.setKnownBrowser(res, await browsers.remember(cookies.knownBrowser(req), user.id));
  }

  const bearerToken = (req: Request) => /^Bearer ([\w-]{43})$/.exec(req.get('Authorization') ?? '')?.[1];

  router.post('/api/auth/signup', notForeign, signupLimit, async (req, res) => {
    const { email, password } = NewAccount.parse(req.body);
    const hash = await passwords.hash(password, { account: email, address: addressOf(req) });
    const user = await accounts.open({ id: newId(), email, password: hash, createdAt: now() });
    await beginSession(req, res, user);
    res.status(201).json(user);
  });

  router.post('/api/auth/signin', notForeign, async (req, res) => {
    const user = await userWhoSignsIn(req, res);
    await beginSession(req, res, user);
    res.json(user);
  });

  router.post('/api/auth/token', notForeign, async (req, res) => {
    const { token, expiresAt } = await sessions.open(await userWhoSignsIn(req, res));
    res.json({ token, expiresAt: expiresAt.toISOString() });
  });

  // A form on another site arrives without the cookie, and must not clear it all the same.
  router.post('/api/auth/signout', async (req, res) => {
    const bearer = bearerToken(req);
    if (!bearer) mustBeOwnOrigin(req, req.method, publicOrigin);
    const token = bearer ?? cookies.sessionToken(req);
    if (token) await sessions.close(token);
    cookies.clearSession(res);
    res.status(204).end();
  });

  router.get('/api/auth/currentuser', async (req, res) => {
    const token = bearerToken(req) ?? cookies.sessionToken(req);
    const currentUser = token ? await sessions.find(token) : null;
    res.set('Cache-Control', 'no-store').json({ currentUser });
  });

  /** Traefik asks this before it lets a request through (forwardAuth): a session comes in, a signed identity goes out. */
  router.get('/identity', async (req, res) => {
    const bearer = bearerToken(req);
    const token = bearer ?? cookies.sessionToken(req);
    const user = token ? await sessions.find(token) : null;
    if (!user) throw notSignedIn();
    if (!bearer) mustBeOwnOrigin(req, req.get('X-Forwarded-Method') ?? 'POST', publicOrigin);
    res
      .set('Authorization', `Bearer ${await signer.sign(user.id)}`)
      .set('Cache-Control', 'no-store')
      .status(200)
      .end();
  });

  router.get('/.well-known/jwks.json', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=60').json(signer.jwks);
  });

  return router;
}
