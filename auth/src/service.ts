import { createApp } from '@box-office/common/http/app';
import { limitRate } from '@box-office/common/http/rate-limit';
import type { BaseParts, Service } from '@box-office/common/service';
import mongoose from 'mongoose';
import { createAccounts } from './account.ts';
import type { Config } from './config.ts';
import { createCookies } from './cookies.ts';
import { createGuesses } from './guesses.ts';
import { createKnownBrowsers } from './known-browsers.ts';
import type { Passwords } from './password.ts';
import { api } from './routes.ts';
import { createSessions } from './session.ts';
import { createSignIn } from './sign-in.ts';
import { createSigner } from './signing-keys.ts';

export interface AuthParts extends BaseParts {
  readonly config: Config;
  readonly passwords: Passwords;
  readonly randomBytes: (size: number) => Buffer;
}

/**
 * Auth: who has an account, who is signed in, and the signed identity that every other service trusts. It neither
 * announces events nor listens to any.
 */
export function createAuth(parts: AuthParts): Service {
  const { connection, logger, metrics, now, newId, config, passwords, randomBytes } = parts;
  const accounts = createAccounts(connection);
  const sessions = createSessions({
    connection,
    now,
    randomBytes,
    idleMs: config.SESSION_IDLE_MS,
    maxMs: config.SESSION_MAX_MS,
    perAccount: config.SESSIONS_PER_ACCOUNT,
  });
  const browsers = createKnownBrowsers({ connection, now, randomBytes, logger, metrics });
  const guesses = createGuesses({
    now,
    windowMs: config.LIMIT_WINDOW_MS,
    perAccount: config.SIGNIN_FAILURES_PER_ACCOUNT,
    perAddress: config.SIGNIN_FAILURES_PER_ADDRESS,
  });
  const signIn = createSignIn({ accounts, browsers, passwords, guesses, logger });
  const signUpLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.SIGNUPS_PER_ADDRESS,
    why: 'Too many accounts have been opened from your network.',
  });
  const cookies = createCookies(config.PUBLIC_ORIGIN, config.SESSION_MAX_MS);
  const signer = createSigner({
    keys: config.SIGNING_KEYS,
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
    now,
  });

  let prepared = false;
  const waitingFor = () =>
    prepared && connection.readyState === mongoose.ConnectionStates.connected ? [] : ['its database'];
  return {
    app: createApp({
      name: 'auth',
      logger,
      metrics,
      routes: api({
        accounts,
        sessions,
        browsers,
        passwords,
        signIn,
        signUpLimit,
        signer,
        cookies,
        publicOrigin: config.PUBLIC_ORIGIN,
        now,
        newId,
      }).routes,
      readiness: waitingFor,
    }),
    waitingFor,
    async start() {
      await accounts.prepare();
      await sessions.prepare();
      await browsers.prepare();
      prepared = true;
    },
    async stop() {},
  };
}
