import type { AnnouncingService } from '@box-office/common/announcing-service';
import { createApp } from '@box-office/common/http/app';
import { addressOf, limitRate } from '@box-office/common/http/rate-limit';
import type { Bus } from '@box-office/common/messaging/bus';
import { participant } from '@box-office/common/messaging/participant';
import { createRelay } from '@box-office/common/messaging/relay/relay';
import type { StreamSettings } from '@box-office/common/messaging/topology';
import type { Repeating } from '@box-office/common/repeat';
import type { BaseParts } from '@box-office/common/service';
import mongoose from 'mongoose';
import type { Config } from './config.ts';
import { createCookies } from './cookies.ts';
import { createGuesses } from './guesses.ts';
import { createKnownBrowsers } from './known-browsers.ts';
import { createLinks } from './links/links.ts';
import { createChallenges } from './passkeys/challenges.ts';
import { createPasskeys } from './passkeys/passkeys.ts';
import { createPasskeyStore } from './passkeys/store.ts';
import type { Passwords } from './password.ts';
import { createAccounts } from './people/accounts.ts';
import { createConfirm } from './people/confirm.ts';
import { startExpiry } from './people/expiry.ts';
import { createForgetAccount } from './people/forget-account.ts';
import { createLimits } from './people/limits.ts';
import { givenAddress } from './people/routes.ts';
import { rememberSigned } from './remembered-signer.ts';
import { api } from './routes.ts';
import { createEndings } from './sessions/endings.ts';
import { createSessions, rememberedMs } from './sessions/sessions.ts';
import { createSignIn } from './sign-in.ts';
import { createSigner } from './signing-keys.ts';
import { createTallies } from './tallies.ts';

export interface AuthParts extends BaseParts {
  readonly bus: Bus;
  readonly stream: StreamSettings;
  readonly config: Config;
  readonly passwords: Passwords;
  readonly randomBytes: (size: number) => Buffer;
}

/**
 * Auth: who has an account, who is signed in, and the signed identity that every other service trusts. It tells
 * mail what to send, and listens to nobody.
 */
export function createAuth(parts: AuthParts): AnnouncingService {
  const { bus, stream, connection, logger, metrics, now, newId, config, passwords, randomBytes } = parts;
  const relay = createRelay({ bus, connection, announcer: 'auth', stream, logger, now });
  const storeOptions = { connection, relay, now, newId, logger, metrics };
  const accounts = createAccounts(storeOptions);
  const endings = createEndings({
    ...{ bus, rememberedMs },
    heard: (ids) => sessions.forget(ids),
    missed: () => sessions.forgetAll(),
  });
  const sessions = createSessions({
    accounts,
    limitOf: createLimits(connection, randomBytes),
    endings,
    connection,
    now,
    newId,
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
  const noticeAt = config.SIGNIN_FAILURES_PER_ACCOUNT;
  const signIn = createSignIn({ accounts, browsers, passwords, guesses, noticeAt, now, logger });
  const confirm = createConfirm({ passwords, guesses, sessions });
  const passkeyStore = createPasskeyStore(connection);
  const forgetAccount = createForgetAccount({ accounts, sessions, browsers, passkeyStore });
  const tallies = createTallies({ now, windowMs: config.LIMIT_WINDOW_MS, atMost: 20_000 });
  const links = createLinks({
    ...storeOptions,
    accounts,
    randomBytes,
    tallies,
    perAccount: config.LINKS_PER_ACCOUNT,
  });
  const challenges = createChallenges({ connection, now, randomBytes });
  const publicOrigin = config.PUBLIC_ORIGIN;
  const passkeys = createPasskeys({ store: passkeyStore, challenges, publicOrigin, now, newId });
  const passkeyLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.PASSKEY_SIGNINS_PER_ADDRESS,
    why: 'Too many sign-ins with a passkey were begun from your network.',
  });
  const linkLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.LINKS_PER_ADDRESS,
    why: 'Too many links were asked for from your network.',
  });
  const signUpLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.SIGNUPS_PER_ADDRESS,
    why: 'Too many accounts have been opened from your network.',
  });
  const guestLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.GUESTS_PER_ADDRESS,
    why: 'Too many guests have begun to buy from your network.',
  });
  // By network, so that nobody elsewhere can keep the owner of an address from buying.
  const sameGuestLimit = limitRate({
    windowMs: config.LIMIT_WINDOW_MS,
    limit: config.GUESTS_PER_ACCOUNT,
    keyOf: (req) => `${givenAddress(req)} from ${addressOf(req)}`,
    why: 'Too many guests with this e-mail address have begun to buy from your network.',
  });
  const cookies = createCookies(config.PUBLIC_ORIGIN, config.SESSION_MAX_MS);
  const keys = { keys: config.SIGNING_KEYS, issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE };
  const signer = rememberSigned(createSigner({ ...keys, now }), now);

  const part = participant({
    ...{ bus, connection, relay, stream, logger, metrics, now },
    service: 'auth',
    listeners: [],
    stores: [accounts, links, sessions, browsers, passkeyStore, challenges],
  });

  let expiry: Repeating | undefined;
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
        guestLimit,
        sameGuestLimit,
        links,
        confirm,
        forgetAccount,
        tallies,
        linkLimit,
        passkeys,
        passkeyStore,
        passkeyLimit,
        signer,
        cookies,
        publicOrigin: config.PUBLIC_ORIGIN,
        now,
        newId,
        randomBytes,
      }).routes,
      identity: signer.identity,
      readiness: waitingFor,
    }),
    waitingFor,
    async start() {
      await part.start();
      endings.start();
      expiry = startExpiry({ accounts, forgetAccount, keptMs: config.GUEST_KEPT_MS, now, logger });
      prepared = true;
    },
    async stop(withinMs) {
      await expiry?.stop();
      await endings.stop();
      await part.stop(withinMs);
    },
    republish: part.republish,
  };
}
