import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from '../../support/shop.ts';
import type { Asking } from './asking.ts';
import type { Deal } from './forbidden.ts';
import type { Looking } from './looking.ts';

export interface Meddling {
  /** A stranger tries to cancel an order, and to pay for it. */
  withOrder(owner: Person, id: string): Promise<void>;
  /**
   * The seller tries to edit and to withdraw a held ticket. It may be released in between, so the answers prove
   * nothing: the ticket's next announcement shows whether it was held (I9).
   */
  editWhileHeld(deal: Deal): Promise<void>;
}

export interface MeddlingOptions {
  readonly asking: Asking;
  readonly look: Looking;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly buyers: readonly Person[];
  readonly signal: AbortSignal;
}

/** What must not be possible while an order is under way. */
export function meddling({ asking: { command }, look, pick, buyers, signal }: MeddlingOptions): Meddling {
  return {
    async withOrder(owner, id) {
      const other = pick(buyers.filter((buyer) => buyer !== owner));
      const wrong = { why: 'of somebody else’s order', refusals: [403, 404] };
      await command(other, 'DELETE', `/api/orders/${id}`, undefined, { wrong });
      await command(other, 'POST', '/api/payments', { orderId: id }, { wrong });
    },

    async editWhileHeld({ seller, ticketId }) {
      for (let looks = 0; looks < 20 && !signal.aborted; looks++) {
        const seen = await look.ticket(seller, ticketId);
        if (seen?.state === 'sold') return;
        if (seen?.state === 'reserved') {
          await command(seller, 'PUT', `/api/tickets/${ticketId}`, { venue: 'Changed while held' });
          await command(seller, 'DELETE', `/api/tickets/${ticketId}`);
          return;
        }
        await sleep(100);
      }
    },
  };
}
