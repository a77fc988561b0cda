import { cookieNames } from '@box-office/common/contracts/cookies';
import type { Cookie } from '@box-office/common/http/exchange';
import type { CookieOptions, Request } from 'express';
import { knownForMs } from './known-browsers.ts';

export interface Cookies {
  sessionToken(req: Request): string | undefined;
  session(token: string): Cookie;
  readonly noSession: Cookie;
  /** The marks of the accounts that this browser has signed in to. */
  knownBrowser(req: Request): string | undefined;
  markOfBrowser(marks: string): Cookie;
}

/** Auth's cookies in the browsers of a shop at `publicOrigin`. */
export function createCookies(publicOrigin: string, sessionMs: number): Cookies {
  const names = cookieNames(publicOrigin);
  const every: CookieOptions = { httpOnly: true, sameSite: 'lax', secure: publicOrigin.startsWith('https:') };
  const session = { ...every, path: '/' };
  return {
    sessionToken: (req) => read(req, names.session, /^[\w-]{43}$/),
    session: (token) => ({ name: names.session, value: token, options: { ...session, maxAge: sessionMs } }),
    noSession: { name: names.session, value: null, options: session },
    knownBrowser: (req) => read(req, names.knownBrowser, /^[\w.-]{1,300}$/),
    markOfBrowser: (marks) => ({
      name: names.knownBrowser,
      value: marks,
      options: { ...every, path: '/api/auth', maxAge: knownForMs },
    }),
  };
}

function read(req: Request, name: string, form: RegExp): string | undefined {
  for (const pair of req.get('Cookie')?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value && form.test(value)) return value;
  }
  return undefined;
}
