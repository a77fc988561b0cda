import { problem } from '@box-office/common/problem';
import type { Request } from 'express';

export type Origin = 'own' | 'foreign' | 'unknown';

const unsafe = (method: string) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

/**
 * Whether a request comes from a page of ours, as far as its browser says: `Sec-Fetch-Site`, and `Origin` where that is missing.
 * Scripts cannot forge either in a browser; programs other than browsers send what they like, but nobody else's cookies.
 */
export function originOf(req: Request, publicOrigin: string): Origin {
  const site = req.get('Sec-Fetch-Site');
  // `none` is a person's own doing (an address typed, a bookmark), and never a page's.
  if (site === 'none') return 'unknown';
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign';
  const origin = req.get('Origin');
  if (origin === undefined) return 'unknown';
  const asked = `${req.get('X-Forwarded-Proto') ?? req.protocol}://${req.get('X-Forwarded-Host') ?? req.get('Host')}`;
  return origin === publicOrigin || origin === asked ? 'own' : 'foreign';
}

/**
 * A request that changes something on the strength of a cookie must be known to come from our own page.
 * One that says nothing about where it comes from is refused too: every browser of today says it, and a program has a token to send.
 *
 * @throws Problem 403 `cross-origin`
 */
export function mustBeOwnOrigin(req: Request, method: string, publicOrigin: string): void {
  if (unsafe(method) && originOf(req, publicOrigin) !== 'own') throw crossOrigin();
}

/**
 * Signing in changes which account a browser uses, so another site must not do it on somebody's behalf. Programs say no origin, and may.
 *
 * @throws Problem 403 `cross-origin`
 */
export function mustNotBeForeign(req: Request, publicOrigin: string): void {
  if (originOf(req, publicOrigin) === 'foreign') throw crossOrigin();
}

const crossOrigin = () => problem('cross-origin', 'This request did not come from our own pages.');
