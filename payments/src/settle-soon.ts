import type { Settle } from './hint.ts';

export interface SettleSoonOptions {
  /** Concurrent payments: Stripe allows a hundred requests a second, and most of those belong to waiting buyers. */
  readonly atOnce?: number;
  /** How many may wait. The reconciler finds the others. */
  readonly most?: number;
}

/** Payments that are settled in the background. */
export interface SettleSoon {
  add(orderId: string): void;
  /** Resolves once the present ones have ended. Those that wait are left to the reconciler. */
  stop(): Promise<void>;
}

/**
 * Settles many payments, a few at a time, so that nobody waits for them. Nothing is lost when the process ends: what
 * is to be done is stored with each payment, and the reconciler does it after a while.
 */
export function settleSoon(settle: Settle, { atOnce = 4, most = 10_000 }: SettleSoonOptions = {}): SettleSoon {
  const waiting = new Set<string>();
  const running = new Set<Promise<void>>();
  let isStopping = false;

  async function work(): Promise<void> {
    for (const orderId of waiting) {
      if (isStopping) return;
      waiting.delete(orderId);
      // Already logged by settle; the reconciler tries again.
      await settle(orderId).catch(() => {});
    }
  }

  function start(): void {
    if (running.size >= atOnce) return;
    const worker = work().finally(() => {
      running.delete(worker);
      // Added just as the work ended.
      if (waiting.size > 0 && !isStopping) start();
    });
    running.add(worker);
  }

  return {
    add(orderId) {
      if (isStopping || waiting.size >= most) return;
      waiting.add(orderId);
      start();
    },

    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
}
