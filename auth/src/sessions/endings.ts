import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '@box-office/common/deadline';
import type { Bus } from '@box-office/common/messaging/bus';
import { z } from 'zod';

/** How replicas tell each other which sessions have ended. */
export interface Endings {
  /**
   * Whether this replica has heard of every session that ended until a moment ago. Only then may it answer from memory.
   */
  hears(): boolean;
  /**
   * Resolves once no replica answers from memory that one of these sessions is good: all have been told, or else what
   * they remember has become too old.
   */
  tell(ids: readonly string[]): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface EndingsOptions {
  readonly bus: Bus;
  /** How long a replica answers from memory at most. */
  readonly rememberedMs: number;
  readonly heard: (ids: readonly string[]) => void;
  /** Sessions may have ended that this replica was not told of. */
  readonly missed: () => void;
}

/** Two words, so it is no event and no stream stores it. */
const subject = 'auth.ended';
/** How often to ask NATS whether everything sent so far has arrived. */
const askEveryMs = 250;
/** For how long its answer counts. */
const countsMs = 900;
const toldWithinMs = 500;

const Ended = z.array(z.string());

/**
 * A message on NATS, stored nowhere. NATS answers a ping after everything that it has sent before, so an answered ping
 * proves that nothing was missed since the connection was made. Without it, whether because NATS is away or hangs,
 * memory is not used; what was remembered before a connection broke never is.
 */
export function createEndings({ bus, rememberedMs, heard, missed }: EndingsOptions): Endings {
  const { connection } = bus;
  const stopping = new AbortController();
  let heardSince: number | null = null;
  let heardUntil = Number.NEGATIVE_INFINITY;
  let running: Promise<unknown> = Promise.resolve();

  async function ask(): Promise<void> {
    while (!stopping.signal.aborted) {
      const at = performance.now();
      const isAnswered = await within(countsMs, connection.flush()).catch(() => false);
      const since = bus.connectedSince();
      if (isAnswered && since !== null) {
        if (since !== heardSince) missed();
        heardSince = since;
        heardUntil = at;
      }
      await sleep(askEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  return {
    hears: () => performance.now() - heardUntil < countsMs,

    async tell(ids) {
      if (ids.length === 0) return;
      heard(ids);
      const told = async () => {
        connection.publish(subject, JSON.stringify(ids));
        await connection.flush();
      };
      if (!(await within(toldWithinMs, told()).catch(() => false))) await sleep(rememberedMs);
    },

    start() {
      const subscription = connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) return;
          const ids = Ended.safeParse(parsed(message.string()));
          if (ids.success) heard(ids.data);
        },
      });
      stopping.signal.addEventListener('abort', () => subscription.unsubscribe());
      running = ask();
    },

    async stop() {
      stopping.abort();
      heardUntil = Number.NEGATIVE_INFINITY;
      await running;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
