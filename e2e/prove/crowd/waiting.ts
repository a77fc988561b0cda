import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import type { Asking } from './asking.ts';
import type { Looking } from './looking.ts';

export interface WaitingDone {
  joined: number;
  served: number;
  left: number;
}

interface Wanted {
  readonly showId: string;
  readonly kindId: string;
  readonly quantity: number;
}

export interface Waiting {
  readonly done: Readonly<WaitingDone>;
  /** Joins the waiting list, and resolves with the order that was made; undefined if there never is one. */
  inLine(buyer: Person, wanted: Wanted): Promise<{ readonly orderId: string } | undefined>;
}

export interface WaitingOptions {
  readonly asking: Asking;
  readonly look: Looking;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Called with everybody who joins. */
  readonly note: (buyer: Person, entryId: string) => void;
}

/** How often somebody in line looks whether it is their turn. */
const lookEveryMs = 500;
const leavesWithinMs = 2_000;

const Joined = z.object({ id: z.string() });

/** People who wait for tickets of what is sold out. Some lose patience. */
export function waiting({ asking, look, random, signal, note }: WaitingOptions): Waiting {
  const done: WaitingDone = { joined: 0, served: 0, left: 0 };

  async function leave(buyer: Person, id: string): Promise<void> {
    await sleep(random() * leavesWithinMs);
    const { answer } = await asking.command(buyer, 'DELETE', `/api/waiting-list/${id}`);
    if (answer && answer.status < 300) done.left++;
  }

  return {
    done,

    async inLine(buyer, wanted) {
      const { answer } = await asking.command(buyer, 'POST', '/api/waiting-list', wanted);
      if (answer?.status !== 201) return undefined;
      const { id } = Joined.parse(answer.body);
      done.joined++;
      note(buyer, id);
      if (random() < 0.15) await leave(buyer, id);
      while (!signal.aborted) {
        const entry = await look.entry(buyer, id);
        if (entry?.orderId !== undefined) {
          done.served++;
          return { orderId: entry.orderId };
        }
        if (entry && entry.state !== 'waiting') return undefined;
        await sleep(lookEveryMs);
      }
      return undefined;
    },
  };
}
