import { problem } from '@box-office/common/problem';
import type { Request } from 'express';

export type Origin = 'own' | 'foreign' | 'unknown';

const unsafe = (method: string) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

/**
 * Whether a request comes from one of our pages, according to `Sec-Fetch-Site`, or `Origin` where that is missing.
 * A script in a browser cannot forge either. Other programs can, but they have no one else's cookies.
 */
export function originOf(req: Request, publicOrigin: string): Origin {
  const site = req.get('Sec-Fetch-Site');
  // `none` means that a person opened it (a typed address, a bookmark); a page cannot cause it.
  if (site === 'none') return 'unknown';
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign';
  const origin = req.get('Origin');
  if (origin === undefined) return 'unknown';
  const requested = `${req.get('X-Forwarded-Proto') ?? req.protocol}://${req.get('X-Forwarded-Host') ?? req.get('Host')}`;
  return origin === publicOrigin || origin === requested ? 'own' : 'foreign';
}

/**
 * A request that changes something and is authenticated by a cookie must come from one of our own pages.
 * A request of unknown origin is refused too: all current browsers report it, and programs use a token instead.
 *
 * @throws Problem 403 `cross-origin`
 */
export function mustBeOwnOrigin(req: Request, method: string, publicOrigin: string): void {
  if (unsafe(method) && originOf(req, publicOrigin) !== 'own') throw crossOrigin();
}

/**
 * Signing in changes which account a browser uses, so another site must not do it. Programs send no origin and are
 * allowed.
 *
 * @throws Problem 403 `cross-origin`
 */
export function mustNotBeForeign(req: Request, publicOrigin: string): void {
  if (originOf(req, publicOrigin) === 'foreign') throw crossOrigin();
}

const crossOrigin = () => problem('cross-origin', 'This request did not come from our own pages.');
