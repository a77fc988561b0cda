'use client';

import { Order } from '@box-office/common/contracts/orders';
import { useCallback, useEffect, useState } from 'react';
import { clockOffsetMs, remainingMs } from '../lib/clock.ts';
import type { LastLook } from '../lib/order-stage.ts';
import { isFinal } from '../lib/order-words.ts';
import { call } from './api.ts';
import { goSignIn } from './navigate.ts';

const calmMs = 10_000;
const eagerMs = 1_000;

export interface FollowedOrder {
  readonly order: Order;
  readonly remainingMs: number;
  readonly lastLook: LastLook;
  /** Takes over an order received from another request. */
  readonly take: (order: Order) => void;
}

/**
 * An order and its deadline, kept in step with the server.
 *
 * Polls every 10 s, every second while a change is expected (`eager`, payment in progress, time over), and stops once
 * the order is final. For who may not see the order, it goes on at the slow pace: its buyer may sign in again.
 *
 * @param first the order when the server rendered the page, with the milliseconds left
 */
export function useOrder(first: Order, firstRemainingMs: number, eager: boolean): FollowedOrder {
  const [order, setOrder] = useState(first);
  const [offsetMs, setOffsetMs] = useState<number>();
  const [left, setLeft] = useState(firstRemainingMs);
  const isOver = left === 0;
  const [lastLook, setLastLook] = useState<LastLook>(isOver ? 'after-end' : 'before-end');
  const final = isFinal(order);

  const take = useCallback((newer: Order) => {
    setOrder((held) => (newer.version >= held.version ? newer : held));
  }, []);

  const isChanging = eager || order.status === 'awaiting:payment' || isOver;
  const waitMs = isChanging && lastLook !== 'not-there' ? eagerMs : calmMs;
  useEffect(() => {
    if (final) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function ask() {
      const askedAt = Date.now();
      const outcome = await call('GET', `/api/orders/${first.id}`);
      if (over) return;
      if (outcome.ok) {
        const offset = clockOffsetMs(outcome.headers.get('date'), askedAt, Date.now());
        // The header has whole seconds, so the countdown would jump if every answer adjusted it.
        setOffsetMs((held) =>
          held === undefined || Math.abs((offset ?? held) - held) > 1500 ? (offset ?? held ?? 0) : held,
        );
        const read = Order.safeParse(outcome.body);
        if (read.success) take(read.data);
        setLastLook(!read.success ? 'failed' : isOver ? 'after-end' : 'before-end');
      } else if (outcome.fault.status === 401) {
        goSignIn();
        return;
      } else {
        setLastLook(outcome.fault.code === 'not-found' ? 'not-there' : 'failed');
      }
      timer = setTimeout(() => void ask(), waitMs);
    }
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [first.id, final, waitMs, isOver, take]);

  useEffect(() => {
    if (offsetMs === undefined || order.status !== 'created') return undefined;
    const tick = () => setLeft(remainingMs(order.expiresAt, Date.now() + offsetMs));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [offsetMs, order.status, order.expiresAt]);

  return { order, remainingMs: left, lastLook, take };
}
