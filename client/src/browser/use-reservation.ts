'use client';

import type { User } from '@box-office/common/contracts/auth';
import { Order } from '@box-office/common/contracts/orders';
import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { useRouter } from 'next/navigation';
import { type RefObject, useEffect, useState } from 'react';
import {
  afterRefusal,
  type Basket,
  basketFault,
  isOutdated,
  nothingRefused,
  orderFor,
  refusedToo,
} from '../lib/basket.ts';
import type { KindAnswer } from '../lib/show-words.ts';
import { create } from './api.ts';
import { startAction } from './trace.ts';
import { useBasket } from './use-basket.ts';
import { type Guest, useGuest } from './use-guest.ts';

interface Offer {
  /** Null for somebody without a session, who buys as a guest. */
  readonly buyer: User | null;
  readonly show: ShowAnswer;
  /** Seats that somebody else had when the page was made. */
  readonly takenBefore: ReadonlySet<string>;
  readonly nowMs: number;
}

export interface Reservation {
  readonly guest: Guest;
  readonly basket: Basket;
  readonly choose: (change: (held: Basket) => Basket) => void;
  /** With what is left of each as far as it is known now. */
  readonly kinds: readonly KindAnswer[];
  /** Seats that somebody else has taken since. */
  readonly taken: ReadonlySet<string>;
  /** The kinds of which there were fewer than were wanted. */
  readonly tooFew: ReadonlySet<string>;
  readonly busy: boolean;
  readonly message: string;
  readonly reserve: () => Promise<void>;
}

/**
 * What a buyer chooses at a show, until it is reserved. What a refusal says is newer than the page, until the page is
 * made again.
 */
export function useReservation(
  { buyer, show, takenBefore, nowMs }: Offer,
  form: RefObject<HTMLFormElement | null>,
): Reservation {
  const router = useRouter();
  const guest = useGuest(buyer, form);
  const { basket, choose, forget } = useBasket(show, takenBefore, nowMs);
  const [refused, setRefused] = useState(nothingRefused);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const kinds = show.kinds.map((kind) => ({ ...kind, left: refused.left.get(kind.id) ?? kind.left }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: another show is the same one, asked for again
  useEffect(() => {
    if (!isOutdated(refused, performance.now())) return;
    setRefused(nothingRefused);
    setMessage('');
  }, [show]);

  async function reserve() {
    const fault = basketFault(basket, kinds, show.perPerson);
    setMessage(fault ?? '');
    if (fault) return;
    setBusy(true);
    const click = startAction('reserve');
    if (!(await guest.begin(click.traceparent))) {
      click.end({ ok: false });
      return setBusy(false);
    }
    const outcome = await create('/api/orders', orderFor(show.id, basket), click.traceparent);
    click.end(outcome);
    if (outcome.ok) {
      forget();
      return guest.goOn(`/orders/${Order.parse(outcome.body).id}`);
    }
    setBusy(false);
    if (outcome.fault.status === 401) return guest.sessionEnded();
    const after = afterRefusal(basket, outcome.fault);
    setRefused((before) => refusedToo(before, outcome.fault, after.tooFew, performance.now()));
    choose(after.basket);
    setMessage(after.message);
    if (outcome.fault.status === 409) router.refresh();
  }

  return {
    guest,
    basket,
    kinds,
    taken: refused.taken,
    tooFew: refused.tooFew,
    busy,
    message,
    reserve,
    // What was wrong with the choice before may be right now.
    choose(change) {
      choose(change(basket));
      setMessage('');
    },
  };
}
