import type { Connection } from 'mongoose';
import { countdown, within } from '../deadline.ts';
import { isStoreAway, storeReady } from '../store/mongo.ts';
import { askedGauge } from '../telemetry/asked-gauge.ts';
import type { Listening, ListenOptions } from './listener.ts';
import { listen } from './listener.ts';
import type { Relay } from './relay/relay.ts';

/** A service's part in the conversation: what it announces and what it hears. */
export interface Participant {
  /** Prepares the store, announces what was left behind, begins to listen. May be called again after it threw. */
  start(): Promise<void>;
  /** Announces everything it owns again: see `Relay.republish`. It does so by itself when it has to; this is for whoever wants it done now. */
  republish(): Promise<void>;
  /** What it cannot do yet and why, for `/healthz/ready`; empty when all is well. */
  waitingFor(): string[];
  /** Finishes the messages in hand, then announces what they changed, within `withinMs` (default 8 s). */
  stop(withinMs?: number): Promise<void>;
}

export interface ParticipantOptions extends Omit<ListenOptions, 'storeReady' | 'isStoreAway'> {
  readonly connection: Connection;
  readonly relay: Relay;
  /** Collections to prepare before anything else. */
  readonly stores: readonly { prepare(): Promise<void> }[];
}

/** Of the time to stop, what handlers get at most; the rest is the relay's. */
const handlersShare = 5 / 8;

export function participant({ connection, relay, stores, ...hearing }: ParticipantOptions): Participant {
  let listening: Listening | undefined;
  const { metrics, now } = hearing;
  if (metrics) {
    askedGauge({
      name: 'outbox_oldest_age_seconds',
      help: 'How long ago the oldest event happened that has not been announced yet; 0 when none waits',
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
      listening = listen({ ...hearing, isStoreAway, storeReady: (signal) => storeReady(connection, signal) });
    },
    republish: relay.republish,
    waitingFor: () => listening?.waitingFor() ?? ['its engines'],
    async stop(withinMs = 8_000) {
      const left = countdown(withinMs);
      await within(withinMs * handlersShare, listening?.stop());
      await relay.stop(left());
    },
  };
}
