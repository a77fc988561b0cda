/**
 * `GET /api/orders?q&status` → `Page<OrderLine>`; `q` is the id of an order, or part of a title or of a buyer's
 * address, `status` that of an order, or `open` for all that are neither complete nor cancelled.
 */
export interface OrderLine {
  readonly id: string;
  readonly status: string;
  /** What was bought: `2 × Stalls, La Traviata`. */
  readonly what: string;
  /** In the smallest unit of the currency. */
  readonly total: number;
  readonly currency: string;
  readonly at: string;
  /** Whom an open order waits for, in a few words. */
  readonly waitsFor?: string;
}

/** `GET /api/story/:orderId` */
export interface Story {
  readonly order: StoryOrder;
  /** Why it is open, or how it ended, in one plain sentence. */
  readonly summary: string;
  readonly waitsFor: readonly Wait[];
  /** In the order of their time. */
  readonly steps: readonly Step[];
  readonly copies: readonly Copy[];
  readonly stripe?: StripeSide;
  /** Why nothing is known of what Stripe has: it does not answer, or it is the real one, which is not asked. */
  readonly stripeUnknown?: 'away' | 'elsewhere';
  /** What could not be asked, a sentence each: the story may lack something. */
  readonly missing: readonly string[];
}

export interface StoryOrder extends OrderLine {
  readonly version: number;
  readonly userId: string;
  readonly expiresAt: string;
  readonly tickets: readonly { readonly id: string; readonly title: string; readonly price: number }[];
  readonly traceId?: string;
  /** All that orders stores about it. */
  readonly stored: Readonly<Record<string, unknown>>;
}

export interface Step {
  readonly at: string;
  readonly kind:
    | 'request'
    | 'event'
    | 'delivery'
    | 'change'
    | 'stripe'
    | 'webhook'
    | 'timer'
    | 'mail'
    | 'warning'
    | 'dead-letter';
  /** The service, `stripe`, or `buyer`. */
  readonly who: string;
  /** A sentence. */
  readonly what: string;
  readonly version?: number;
  readonly event?: { readonly stream: string; readonly seq: number; readonly type: string };
  readonly traceId?: string;
  /** Its number. */
  readonly deadLetter?: number;
  /** Not told: neither good nor bad. */
  readonly ok?: boolean;
  /** It has not happened yet; `at` says when it is due, or since when it is waited for. */
  readonly waiting?: boolean;
}

export interface Wait {
  /** The service, `stripe`, `buyer`, or `people` where nothing happens by itself. */
  readonly who: string;
  /** What it waits for, a sentence. */
  readonly for: string;
  readonly since: string;
  /** When it ends by itself. */
  readonly until?: string;
  readonly hint?: Hint;
}

/** What helps: a place to look at, or a webhook that can be sent again. */
export interface Hint {
  readonly text: string;
  readonly href?: string;
  readonly redeliver?: string;
}

/** A copy of the order, or of one of its tickets, in another service. */
export interface Copy {
  readonly service: string;
  readonly collection: string;
  readonly id: string;
  readonly version?: number;
  /** The version that the owner has. */
  readonly ownerVersion?: number;
  readonly matches: boolean;
  readonly missing?: boolean;
}

/** Amounts are in the smallest unit of the currency. */
export interface StripeSide {
  readonly intent?: {
    readonly id: string;
    readonly status: string;
    readonly amount: number;
    readonly received: number;
    readonly currency: string;
    readonly at: string;
  };
  readonly refunds: readonly {
    readonly id: string;
    readonly status: string;
    readonly amount: number;
    readonly at: string;
  }[];
  /** Known for the sandbox only. */
  readonly webhooks: readonly Webhook[];
}

export interface Webhook {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  /** The id of the intent, charge, or refund. */
  readonly about: string;
  readonly state: 'delivered' | 'waiting' | 'lost';
}
