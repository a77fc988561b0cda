import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from '../../support/shop.ts';
import type { Asking } from './asking.ts';

export interface ResellingDone {
  offers: number;
  takenBack: number;
}

/** A complete order of somebody who may sell its tickets to others. */
interface Resellable {
  readonly buyer: Person;
  readonly orderId: string;
  readonly ticketIds: readonly string[];
  /** Called with what is on offer, so that others buy it. */
  readonly advertise: (ticketIds: readonly string[]) => void;
}

export interface Reselling {
  readonly done: Readonly<ResellingDone>;
  of(order: Resellable): Promise<void>;
}

export interface ResellingOptions {
  readonly asking: Asking;
  readonly random: () => number;
}

const takenBackWithinMs = 1_000;

/** Buyers who offer what they have bought to others, and often change their minds while somebody is buying it. */
export function reselling({ asking, random }: ResellingOptions): Reselling {
  const done: ResellingDone = { offers: 0, takenBack: 0 };

  return {
    done,

    async of({ buyer, orderId, ticketIds, advertise }) {
      const offer = (tickets: readonly string[]) =>
        asking.command(buyer, 'PUT', `/api/orders/${orderId}/resale`, { tickets });
      const some = ticketIds.filter((_, place) => place === 0 || random() < 0.5);
      const { answer } = await offer(some);
      if (answer?.status !== 200) return;
      done.offers++;
      if (random() < 0.5) return advertise(some);
      await sleep(random() * takenBackWithinMs);
      // At the same moment as others try to buy it: one of them wins.
      advertise(some);
      const { answer: back } = await offer([]);
      if (back?.status === 200) done.takenBack++;
    },
  };
}
