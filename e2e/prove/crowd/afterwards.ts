import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from '../../support/shop.ts';
import type { Asking } from './asking.ts';
import type { Bank } from './bank.ts';
import { cards } from './paying.ts';

/** An order that the shop shows as complete. */
export interface Sale {
  readonly orderId: string;
  readonly seller: Person;
  readonly total: number;
  /** The payment at Stripe, and the card it was made with. */
  readonly intentId: string;
  readonly card: string;
  readonly ticketIds: readonly string[];
}

export interface AfterwardsDone {
  refunds: number;
  disputes: number;
}

export interface Afterwards {
  readonly done: Readonly<AfterwardsDone>;
  of(sale: Sale): Promise<void>;
}

export interface AfterwardsOptions {
  readonly asking: Asking;
  readonly bank: Bank;
  readonly random: () => number;
  /** Fires at closing time. */
  readonly signal: AbortSignal;
}

/** How long a bank takes over a dispute, in ms, if it decides at all. */
const bankTakesMs = 500;
/** Refunds of these are decided later, or not allowed, which is why such cards are there. */
const oddCards: readonly string[] = [cards.refundFails, cards.refundTakesTime, cards.disputes];

/** What becomes of the money of some sales: sellers refund them, in parts or whole, and buyers dispute them. */
export function afterwards({ asking, bank, random, signal }: AfterwardsOptions): Afterwards {
  const done: AfterwardsDone = { refunds: 0, disputes: 0 };
  const chance = (share: number) => random() < share;

  async function refund(
    { seller, orderId }: Sale,
    body?: { amount: number } | { tickets: readonly string[] },
  ): Promise<void> {
    if (signal.aborted) return;
    const { answer } = await asking.command(seller, 'POST', `/api/payments/${orderId}/refund`, body);
    if (answer?.status === 200) done.refunds++;
  }

  async function dispute({ intentId }: Sale): Promise<void> {
    const reason = chance(0.3) ? 'inquiry' : 'product_not_received';
    const disputeId = await bank.dispute(intentId, reason);
    if (disputeId === undefined) return;
    done.disputes++;
    if (chance(0.3)) return;
    await sleep(bankTakesMs);
    await bank.decide(disputeId, chance(0.5) ? 'won' : 'lost');
  }

  return {
    done,

    async of(sale) {
      const isOdd = oddCards.includes(sale.card);
      const part = () => ({ amount: 1 + Math.floor((random() * sale.total) / 3) });
      const doing: Promise<void>[] = [];
      if (chance(0.15)) doing.push(dispute(sale));
      if (chance(isOdd ? 0.6 : 0.2)) doing.push(refund(sale, part()), refund(sale, part()));
      await Promise.all(doing);
      const [ticketId] = sale.ticketIds;
      // Somebody else at the organiser's does the same.
      if (chance(0.2) && ticketId) await Promise.all([1, 2].map(() => refund(sale, { tickets: [ticketId] })));
      if (chance(isOdd ? 0.6 : 0.2)) await refund(sale);
    },
  };
}
