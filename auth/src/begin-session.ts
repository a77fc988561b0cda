import { isIP } from 'node:net';
import type { Cookie } from '@box-office/common/http/exchange';
import { changed } from '@box-office/common/store/change';
import type { Request } from 'express';
import type { Cookies } from './cookies.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { Account } from './people/account.ts';
import type { Accounts } from './people/accounts.ts';
import { noticed } from './people/notice.ts';
import { deviceOf, networkOf } from './sessions/device.ts';
import type { From, Sessions } from './sessions/sessions.ts';

export interface SessionParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly browsers: KnownBrowsers;
  readonly cookies: Cookies;
  readonly now: () => Date;
}

export const fromOf = (req: Request): From => ({
  device: deviceOf(req.get('User-Agent')),
  network: networkOf(isIP(req.ip ?? '') ? req.ip : undefined),
});

/** A new session that replaces the browser's current one. */
export async function beginSession(
  { sessions, browsers, cookies }: SessionParts,
  req: Request,
  account: Account,
): Promise<Cookie[]> {
  const before = cookies.sessionToken(req);
  if (before) await sessions.close(before);
  const { token } = await sessions.open(account, fromOf(req));
  // Nobody can guess the password of a guest, who has none.
  if (account.kind === 'guest') return [cookies.session(token)];
  const marks = await browsers.remember(cookies.knownBrowser(req), account.id);
  return [cookies.session(token), cookies.markOfBrowser(marks)];
}

/**
 * Tells the owner of a sign-in from somewhere new: neither this browser nor this network has a session or a mark of the
 * account. Call it before the session begins.
 */
export async function noticeElsewhere(parts: SessionParts, req: Request, account: Account): Promise<void> {
  const { accounts, sessions, browsers, cookies, now } = parts;
  const { device, network } = fromOf(req);
  const marks = await browsers.find(cookies.knownBrowser(req));
  if (marks.some(({ userId }) => userId === account.id) || (await sessions.isKnown(account.id, network))) return;
  const notice = noticed({ what: 'signed-in-elsewhere', at: now(), device });
  await accounts.change(account.id, (it) => changed(it, notice));
}

export const setsCookies = {
  'Set-Cookie':
    'The session, HttpOnly: `__Host-session` under https, `session` under http, followed by the port (`session-8080`) ' +
    'unless it is 443 or 80. Also `__Secure-known-browser` or `known-browser`, by the same rule: ' +
    'wrong passwords from elsewhere do not slow this browser down',
};
