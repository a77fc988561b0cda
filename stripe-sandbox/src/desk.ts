import { randomBytes } from 'node:crypto';
import type { Announcement, Decision, Facts } from './decision.ts';
import { expire, isExpired } from './ending.ts';
import type { Journal } from './journal.ts';
import type { Answer, Ledger, StripeEvent } from './ledger.ts';
import { bankDecides, isDecided, settleRefund } from './refunds.ts';
import type { Row } from './rows.ts';
import { API_VERSION, type View, type Viewer, view } from './views.ts';
import type { Webhooks } from './webhooks.ts';

/** Where calls become facts: the clock, the ids, and the one way to change the ledger. */
export interface Desk {
  facts(): Facts;
  /** Changes the ledger. The webhooks go out once it is on the disk. */
  commit(puts: Row[], events: Announcement[], cause: Cause): void;
  /** Cancels what was not captured in time, and lets banks decide over refunds. */
  expireDue(): void;
  flushed(): Promise<void>;
  readonly viewer: Viewer;
  eventView(event: StripeEvent): View;
}

export interface Cause {
  requestId: string | null;
  key: string | null;
  answer: Answer | null;
}

export function newId(prefix: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return `${prefix}_${[...randomBytes(24)].map((byte) => letters[byte % letters.length]).join('')}`;
}

export interface DeskOptions {
  ledger: Ledger;
  journal: () => Journal;
  webhooks: () => Webhooks;
  clock: () => number;
  publicUrl: () => string;
}

export function createDesk({ ledger, journal, webhooks, clock, publicUrl }: DeskOptions): Desk {
  const viewer: Viewer = {
    find: ledger.find,
    get publicUrl() {
      return publicUrl();
    },
  };

  function facts(): Facts {
    return {
      now: Math.floor((clock() + ledger.advancedMs) / 1000),
      newId,
      method: ledger.methods.get,
      charge: ledger.charges.get,
    };
  }

  function commit(puts: Row[], events: Announcement[], cause: Cause): void {
    const { now } = facts();
    const happened = ledger.commit({
      puts,
      events: events.map(({ type, row }) => ({
        id: newId('evt'),
        type,
        created: now,
        about: puts.indexOf(row),
        apiVersion: API_VERSION,
        requestId: cause.requestId,
        key: cause.key,
      })),
      endpoints: webhooks().urls.length,
      answer: cause.answer,
    });
    if (happened.length === 0) return;
    // A failed write stops the sandbox (see sandbox.ts); what it did not keep must not be announced.
    journal()
      .flushed()
      .then(
        () => webhooks().announce(happened),
        () => {},
      );
  }

  return {
    facts,
    commit,
    viewer,
    expireDue() {
      const now = facts();
      for (const id of ledger.undecided) {
        const refund = ledger.refunds.get(id);
        if (refund === undefined || !isDecided(refund, now)) break;
        const { puts, events } = settleRefund(refund, bankDecides(refund, now), now);
        commit(puts, events, { requestId: null, key: null, answer: null });
      }
      for (const id of ledger.uncaptured) {
        const intent = ledger.intents.get(id);
        if (intent === undefined || !isExpired(intent, now)) return;
        const { puts, events }: Decision = expire(intent, now);
        commit(puts, events, { requestId: null, key: null, answer: null });
      }
    },
    flushed: () => journal().flushed(),
    eventView: (event) => ({
      id: event.id,
      object: 'event',
      api_version: event.apiVersion,
      created: event.created,
      data: { object: view(event.row, viewer) },
      livemode: false,
      pending_webhooks: event.open.size,
      request: { id: event.requestId, idempotency_key: event.key },
      type: event.type,
    }),
  };
}
