/** `GET /api/sandbox`; 404 when payments go to the real Stripe. Amounts are in the smallest unit of the currency. */
export interface Sandbox {
  /** Its clock. */
  readonly now: string;
  /** The newest 200, newest first. */
  readonly payments: readonly SandboxPayment[];
  readonly webhooks: {
    readonly sent: number;
    readonly delivered: number;
    readonly failedTries: number;
    readonly lastFailure?: string;
    /** Not confirmed yet, and still tried. */
    readonly undelivered: readonly SandboxWebhook[];
    /** They come only after `POST /api/sandbox/redeliver`. */
    readonly lost: readonly SandboxWebhook[];
  };
  readonly requests: number;
  /** What is switched on, as `stripe-sandbox/src/README.md` describes it. */
  readonly faults: Readonly<Record<string, unknown>>;
}

export interface SandboxPayment {
  /** Of the payment intent. */
  readonly id: string;
  readonly orderId?: string;
  readonly status: string;
  readonly amount: number;
  readonly received: number;
  readonly refunded: number;
  readonly disputed: boolean;
  readonly currency: string;
  readonly at: string;
  /** Oldest first. */
  readonly refunds: readonly SandboxRefund[];
  readonly disputes: readonly SandboxDispute[];
}

export interface SandboxRefund {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly at: string;
}

export interface SandboxDispute extends SandboxRefund {
  readonly reason: string;
}

export interface SandboxWebhook {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly about: string;
}

/**
 * `POST /api/sandbox/faults` with all faults (what is not named is off) answers with what is on.
 * `POST /api/sandbox/redeliver {eventId?}` answers with `{redelivered: string[]}`.
 * `POST /api/sandbox/clock {advanceMs}` answers with `{now}`.
 */
export type SandboxFaults = Readonly<Record<string, unknown>>;
