import { createApp } from '@box-office/common/http/app';
import type { Service, ServiceParts } from '@box-office/common/messaging/service';
import mongoose from 'mongoose';
import { createAccounts } from './account.ts';
import type { Config } from './config.ts';
import type { Passwords } from './password.ts';
import { routes } from './routes.ts';
import { createSessions } from './session.ts';
import { createSigner } from './signing-keys.ts';

export interface AuthParts extends Pick<ServiceParts, 'connection' | 'logger' | 'metrics' | 'now' | 'newId'> {
  readonly config: Config;
  readonly passwords: Passwords;
  readonly randomBytes: (size: number) => Buffer;
}

/** Auth: who has an account, who is signed in, and the signed identity that every other service trusts. It announces and hears no events. */
export function createAuth(parts: AuthParts): Service {
  const { connection, logger, metrics, now, newId, config, passwords, randomBytes } = parts;
  const accounts = createAccounts(connection);
  const sessions = createSessions({
    connection,
    now,
    randomBytes,
    idleMs: config.SESSION_IDLE_MS,
    maxMs: config.SESSION_MAX_MS,
  });
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
      routes: routes({ accounts, sessions, passwords, signer, config, now, newId }),
      readiness: waitingFor,
    }),
    waitingFor,
    async start() {
      await accounts.prepare();
      await sessions.prepare();
      prepared = true;
    },
    async stop() {},
  };
}
