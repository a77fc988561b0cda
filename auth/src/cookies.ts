import { cookieNames } from '@box-office/common/contracts/cookies';
import type { CookieOptions, Request, Response } from 'express';
import { knownForMs } from './known-browsers.ts';

export interface Cookies {
  sessionToken(req: Request): string | undefined;
  setSession(res: Response, token: string): void;
  clearSession(res: Response): void;
  /** The marks of the accounts this browser has signed in to. */
  knownBrowser(req: Request): string | undefined;
  setKnownBrowser(res: Response, marks: string): void;
}

/** Auth's cookies in the browsers of a shop at `publicOrigin`. */
export function createCookies(publicOrigin: string, sessionMs: number): Cookies {
  const names = cookieNames(publicOrigin);
  const every: CookieOptions = { httpOnly: true, sameSite: 'lax', secure: publicOrigin.startsWith('https:') };
  const session = { ...every, path: '/' };
  return {
    sessionToken: (req) => read(req, names.session, /^[\w-]{43}$/),
    setSession: (res, token) => void res.cookie(names.session, token, { ...session, maxAge: sessionMs }),
    clearSession: (res) => void res.clearCookie(names.session, session),
    knownBrowser: (req) => read(req, names.knownBrowser, /^[\w.-]{1,300}$/),
    setKnownBrowser: (res, marks) =>
      void res.cookie(names.knownBrowser, marks, { ...every, path: '/api/auth', maxAge: knownForMs }),
  };
}

function read(req: Request, name: string, form: RegExp): string | undefined {
  for (const pair of req.get('Cookie')?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value && form.test(value)) return value;
  }
  return undefined;
}
