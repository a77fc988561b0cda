'use client';

import { showPrice } from '@box-office/common/contracts/money';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { inWords, lookOf } from '../lib/states.ts';
import { Confirm, useFocusWhen } from './confirm.tsx';

interface RefundProps {
  readonly ticket: Pick<Ticket, 'orderId' | 'title' | 'currency'>;
  /** What the buyer has not got back yet, in the smallest unit of the currency. */
  readonly left: number;
}

/** Refunds the buyer, after confirmation. */
export function Refund({ ticket: { orderId, title, currency }, left }: RefundProps) {
  const [done, setDone] = useState(false);
  const outcome = useFocusWhen<HTMLSpanElement>(done);
  const money = showPrice(left, currency);

  async function refund() {
    const answer = await call('POST', `/api/payments/${orderId}/refund`);
    if (answer.ok) setDone(true);
    else if (answer.fault.status === 401) goSignIn();
    else return answer.fault.detail;
    return undefined;
  }

  if (done) {
    return (
      <span ref={outcome} role="status" tabIndex={-1} className={`badge badge-${lookOf('refunded')}`}>
        {inWords('refunded')}
      </span>
    );
  }
  return (
    <Confirm
      action="Refund"
      label={`Refund ${title}`}
      look="quiet"
      question={`Give ${money} back?`}
      no="Keep the sale"
      yes={`Refund ${money}`}
      onYes={refund}
    >
      The buyer of “<bdi>{title}</bdi>” gets {money} back, and has all of their money then. The ticket stays sold. This
      cannot be undone.
    </Confirm>
  );
}
