import { setTimeout as sleep } from 'node:timers/promises';
import type { NewOrder } from '@box-office/common/contracts/orders';
import { z } from 'zod';
import type { Person } from '../../../support/shop.ts';
import type { Command } from '../../history.ts';
import type { Asking } from '../asking.ts';
import type { Looking } from '../looking.ts';
import { cards, type Paying } from '../paying.ts';

/** One situation, played from its beginning to its end, so that a short run sees it for certain. */
export type Scene = (stage: Stage) => Promise<void>;

/** What scenes are made of. Each of these gives undefined if a fault did not let it happen: then the scene is over. */
export interface Stage {
  readonly asking: Asking;
  readonly look: Looking;
  readonly pay: Paying['pay'];
  /** Different people, none of whom organises anything. */
  readonly cast: readonly Person[];
  readonly organiser: Person;
  /** For what is put on sale: no two things have the same. */
  readonly title: () => string;
  /** Announces a show and resolves once it is on sale. `perPerson` is how many tickets one may have; any by default. */
  announce(kinds: readonly StagedKind[], perPerson?: number): Promise<StagedShow | undefined>;
  /** Orders that many tickets of each kind, with as many tries as it takes until orders knows that it is on sale. */
  order(
    buyer: Person,
    show: StagedShow,
    quantities: readonly number[],
    triesAtMost?: number,
  ): Promise<StagedOrder | undefined>;
  /** Orders and pays, and resolves once the shop shows the order as complete. */
  buy(buyer: Person, show: StagedShow, quantities: readonly number[], card?: string): Promise<Bought | undefined>;
}

interface StagedKind {
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
}

const Announced = z.object({ id: z.string(), kinds: z.array(z.object({ id: z.string() })) });
type StagedShow = z.infer<typeof Announced>;
const Ordered = z.object({ id: z.string(), total: z.number(), tickets: z.array(z.object({ id: z.string() })) });
type StagedOrder = z.infer<typeof Ordered>;
interface Bought extends StagedOrder {
  /** The payment at Stripe; undefined if nothing had to be paid. */
  readonly intentId: string | undefined;
}

export type StageOptions = Omit<Stage, 'announce' | 'order' | 'buy'>;

const startsInMs = 3_600_000;
const lookEveryMs = 100;

export function stageOf(parts: StageOptions): Stage {
  const { asking, look, pay, organiser, title } = parts;

  const stage: Stage = {
    ...parts,

    async announce(kinds, perPerson) {
      const { answer } = await asking.command(organiser, 'POST', '/api/shows', {
        title: title(),
        venue: { name: 'Old Mill' },
        timeZone: 'Europe/Berlin',
        startsAt: new Date(Date.now() + startsInMs).toISOString(),
        currency: 'eur',
        perPerson,
        kinds,
      });
      const show = Announced.safeParse(answer?.body).data;
      const isOnSale = async () => show && (await look.show(organiser, show.id))?.state === 'on-sale';
      return (await comesTrue(isOnSale)) ? show : undefined;
    },

    async order(buyer, show, quantities, triesAtMost) {
      const body = { showId: show.id, lines: linesFor(show, quantities) };
      let asked: Command | undefined;
      await comesTrue(async () => {
        asked = await asking.onceHeard(() => asking.command(buyer, 'POST', '/api/orders', body));
        return codeOf(asked) !== 'not-on-sale';
      }, triesAtMost);
      return Ordered.safeParse(asked?.answer?.body).data;
    },

    async buy(buyer, show, quantities, card = cards.good) {
      const order = await stage.order(buyer, show, quantities);
      if (!order) return undefined;
      if (order.total === 0) return { ...order, intentId: undefined };
      const intentId = await pay(buyer, order.id, card);
      return intentId !== undefined && (await look.isComplete(buyer, order.id)) ? { ...order, intentId } : undefined;
    },
  };
  return stage;
}

function linesFor(show: StagedShow, quantities: readonly number[]): NonNullable<NewOrder['lines']> {
  return show.kinds.flatMap(({ id }, place) => {
    const quantity = quantities[place] ?? 0;
    return quantity > 0 ? [{ kindId: id, quantity }] : [];
  });
}

/** Looks until it is so, for some ten seconds, if not told otherwise. */
export async function comesTrue(look: () => Promise<boolean | undefined>, looksAtMost = 100): Promise<boolean> {
  for (let looks = 0; looks < looksAtMost; looks++) {
    if (await look()) return true;
    await sleep(lookEveryMs);
  }
  return false;
}

const codeOf = ({ answer }: Command): unknown => (answer?.body as { code?: unknown } | undefined)?.code;
