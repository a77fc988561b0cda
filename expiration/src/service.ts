import type { ServiceParts } from '@box-office/common/announcing-service';
import { countdown, within } from '@box-office/common/deadline';
import { createApp } from '@box-office/common/http/app';
import { type Listening, listen } from '@box-office/common/messaging/listener';
import { ensureStream } from '@box-office/common/messaging/topology';
import { repeat } from '@box-office/common/repeat';
import type { Service } from '@box-office/common/service';
import { listeners } from './listeners.ts';
import { lostTimers } from './lost-timers.ts';
import { createTimers } from './timer.ts';

const checkEveryMs = 2_000;

type ExpirationParts = Omit<ServiceParts, 'connection' | 'identity' | 'newId' | 'writesPerMinute'>;

/** Expiration: announces when an order's time is up. It has no database and serves only its health endpoints. */
export function createExpiration({ bus, logger, metrics, now, stream }: ExpirationParts): Service {
  let listening: Listening | undefined;
  let checking: { stop(): Promise<void> } | undefined;
  const waitingFor = () => listening?.waitingFor() ?? ['its engines'];
  return {
    app: createApp({ name: 'expiration', logger, metrics, routes: [], readiness: waitingFor }),
    waitingFor,
    async start() {
      await ensureStream(bus, 'expiration', stream);
      const timers = createTimers(bus, now);
      const restoreTimers = lostTimers(bus, stream, logger);
      await restoreTimers();
      listening = listen({ bus, service: 'expiration', listeners: listeners(timers), stream, logger, metrics, now });
      checking = repeat({ name: 'check for lost timers', everyMs: checkEveryMs, logger }, restoreTimers);
    },
    async stop(withinMs = 8_000) {
      const left = countdown(withinMs);
      await within(withinMs / 8, checking?.stop());
      await within(left(), listening?.stop());
    },
  };
}
