import type { Connection } from 'mongoose';
import { countdown, within } from '../deadline.ts';
import { isStoreAway, storeReady } from '../store/mongo.ts';
import { askedGauge } from '../telemetry/asked-gauge.ts';
import type { Listening, ListenOptions } from './listener.ts';
import { listen } from './listener.ts';
import type { Relay } from './relay/relay.ts';

/** A service's relay and listeners together. */
export interface Participant {
  /** Prepares the store, announces leftover events, starts to listen. May be called again after it threw. */
  start(): Promise<void>;
  /** Announces everything it owns again: see `Relay.republish`. This happens automatically when needed. */
  republish(): Promise<void>;
  /** What it is still waiting for, for `/healthz/ready`; empty when it is ready. */
  waitingFor(): string[];
  /** Finishes the current messages, then announces their changes, within `withinMs` (default 8 s). */
  stop(withinMs?: number): Promise<void>;
}

export interface ParticipantOptions extends Omit<ListenOptions, 'storeReady' | 'isStoreAway'> {
  readonly connection: Connection;
  readonly relay: Relay;
  /** Collections to prepare before anything else. */
  readonly stores: readonly { prepare(): Promise<void> }[];
}

/** The handlers' largest share of the time to stop; the relay gets the rest. */
const handlersShare = 5 / 8;

export function participant({ connection, relay, stores, ...listenOptions }: ParticipantOptions): Participant {
  let listening: Listening | undefined;
  const { metrics, now } = listenOptions;
  if (metrics) {
    askedGauge({
      name: 'outbox_oldest_age_seconds',
      help: 'Age of the oldest event that has not been announced yet; 0 if there is none',
      metrics,
      async ask() {
        const since = await relay.waitingSince();
        return [{ value: since ? Math.max(now().getTime() - since.getTime(), 0) / 1_000 : 0 }];
      },
    });
  }
  return {
    async start() {
      for (const store of stores) await store.prepare();
      await relay.start();
      listening = listen({ ...listenOptions, isStoreAway, storeReady: (signal) => storeReady(connection, signal) });
    },
    republish: relay.republish,
    waitingFor: () => listening?.waitingFor() ?? ['NATS and the database'],
    async stop(withinMs = 8_000) {
      const left = countdown(withinMs);
      await within(withinMs * handlersShare, listening?.stop());
      await relay.stop(left());
    },
  };
}
