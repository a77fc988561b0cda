import { Credentials, type User } from '@box-office/common/contracts/auth';
import { limitRate } from '@box-office/common/http/rate-limit';
import { notSignedIn, problem } from '@box-office/common/problem';
import { type Request, type Response, Router } from 'express';
import { type Accounts, normalized, SignUp } from './account.ts';
import type { Config } from './config.ts';
import { mustBeOwnOrigin, mustNotBeForeign } from './origin.ts';
import type { Passwords } from './password.ts';
import type { Sessions } from './session.ts';
import type { Signer } from './signing-keys.ts';

export interface AuthRoutes {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly signer: Signer;
  readonly config: Config;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function routes({ accounts, sessions, passwords, signer, config, now, newId }: AuthRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const publicOrigin = config.PUBLIC_ORIGIN;
  const secure = publicOrigin.startsWith('https:');
  const cookieName = secure ? '__Host-session' : 'session';
  const cookie = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;

  const windowMs = config.LIMIT_WINDOW_MS;
  const signupLimit = limitRate({ windowMs, limit: config.SIGNUPS_PER_ADDRESS });
  const signinLimits = [
    limitRate({ windowMs, limit: config.SIGNIN_FAILURES_PER_ADDRESS, onlyStatus: 401 }),
    limitRate({ windowMs, limit: config.SIGNIN_FAILURES_PER_ACCOUNT, onlyStatus: 401, keyOf: accountOf }),
  ];

  async function signIn(req: Request): Promise<User> {
    const { email, password } = Credentials.parse(req.body);
    const account = await accounts.find(email);
    const { matches, outdated } = await passwords.verify(password, account?.password ?? null);
    if (!account || !matches) throw problem('invalid-credentials', 'E-mail or password is wrong.');
    if (outdated) await accounts.replacePassword(account.id, account.password, await passwords.hash(password));
    return { id: account.id, email: account.email };
  }

  /** A new session in the browser, in place of the one it had. */
  async function beginSession(req: Request, res: Response, user: User): Promise<void> {
    const before = cookieToken(req);
    if (before) await sessions.close(before);
    const { token } = await sessions.open(user);
    res.cookie(cookieName, token, { ...cookie, maxAge: config.SESSION_MAX_MS });
  }

  const cookieToken = (req: Request) => readCookie(req.get('Cookie'), cookieName);
  const bearerToken = (req: Request) => /^Bearer ([\w-]{43})$/.exec(req.get('Authorization') ?? '')?.[1];

  router.post('/api/auth/signup', signupLimit, async (req, res) => {
    mustNotBeForeign(req, publicOrigin);
    const { email, password } = SignUp.parse(req.body);
    const user = await accounts.open({
      id: newId(),
      email,
      password: await passwords.hash(password),
      createdAt: now(),
    });
    await beginSession(req, res, user);
    res.status(201).json(user);
  });

  router.post('/api/auth/signin', ...signinLimits, async (req, res) => {
    mustNotBeForeign(req, publicOrigin);
    const user = await signIn(req);
    await beginSession(req, res, user);
    res.json(user);
  });

  router.post('/api/auth/token', ...signinLimits, async (req, res) => {
    const { token, expiresAt } = await sessions.open(await signIn(req));
    res.json({ token, expiresAt: expiresAt.toISOString() });
  });

  router.post('/api/auth/signout', async (req, res) => {
    const [bearer, cookied] = [bearerToken(req), cookieToken(req)];
    if (cookied && !bearer) mustBeOwnOrigin(req, req.method, publicOrigin);
    const token = bearer ?? cookied;
    if (token) await sessions.close(token);
    res.clearCookie(cookieName, cookie).status(204).end();
  });

  router.get('/api/auth/currentuser', async (req, res) => {
    const token = bearerToken(req) ?? cookieToken(req);
    const currentUser = token ? await sessions.find(token) : null;
    res.set('Cache-Control', 'no-store').json({ currentUser });
  });

  /** Traefik asks this before it lets a request through (forwardAuth): a session comes in, a signed identity goes out. */
  router.get('/identity', async (req, res) => {
    const bearer = bearerToken(req);
    const token = bearer ?? cookieToken(req);
    const user = token ? await sessions.find(token) : null;
    if (!user) throw notSignedIn();
    if (!bearer) mustBeOwnOrigin(req, req.get('X-Forwarded-Method') ?? 'POST', publicOrigin);
    res
      .set('Authorization', `Bearer ${signer.sign(user.id)}`)
      .set('Cache-Control', 'no-store')
      .status(200)
      .end();
  });

  router.get('/.well-known/jwks.json', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=60').json(signer.jwks);
  });

  return router;
}

/** Attempts at one account are counted together wherever they come from. */
function accountOf(req: Request): string {
  const credentials = Credentials.safeParse(req.body);
  return credentials.success ? normalized(credentials.data.email) : 'nobody';
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}
