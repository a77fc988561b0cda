import { createApp } from '@box-office/common/http/app';
import { type Listening, listen } from '@box-office/common/messaging/listener';
import type { Service, ServiceParts } from '@box-office/common/messaging/service';
import { ensureStream } from '@box-office/common/messaging/topology';
import { Router } from 'express';
import { listeners } from './listeners.ts';
import { createTimers } from './timer.ts';

type ExpirationParts = Omit<ServiceParts, 'connection' | 'identity' | 'newId' | 'writesPerMinute'>;

/** Expiration: tells orders when their time is up. It has no database and answers no requests but for its health. */
export function createExpiration({ bus, logger, metrics, now, stream }: ExpirationParts): Service {
  let listening: Listening | undefined;
  const waitingFor = () => listening?.waitingFor() ?? ['its engines'];
  return {
    app: createApp({ name: 'expiration', logger, metrics, routes: Router(), readiness: waitingFor }),
    waitingFor,
    async start() {
      await ensureStream(bus, 'expiration', stream);
      const timers = createTimers(bus, now);
      listening = listen({ bus, service: 'expiration', listeners: listeners(timers), stream, logger, metrics, now });
    },
    async stop() {
      await listening?.stop();
    },
  };
}
