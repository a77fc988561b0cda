'use client';

import { showPrice } from '@box-office/common/contracts/money';
import type { SoldOrder } from '@box-office/common/contracts/orders';
import { RefundAnswer } from '@box-office/common/contracts/payments';
import { useState } from 'react';
import { create } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { readAmount, refundFault } from '../lib/refund-form.ts';
import { Confirm } from './confirm.tsx';
import { Field } from './fields.tsx';

interface RefundPanelProps {
  readonly order: SoldOrder;
  /** What can be refunded, in the smallest unit of the currency. */
  readonly left: number;
  /** Told how much of the order is refunded now. Resolves once the order shows it. */
  readonly onRefunded: (refunded: number) => Promise<unknown>;
}

/** What a seller can give back of an order: an amount, or everything. */
export function RefundPanel({ order: { id, ticket }, left, onRefunded }: RefundPanelProps) {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string>();
  const [done, setDone] = useState('');
  const money = (amount: number) => showPrice(amount, ticket.currency);
  const read = readAmount(typed, ticket.currency, left);
  const amount = 'amount' in read ? read.amount : 0;

  /** Resolves with an error sentence, or with undefined once it is refunded. */
  async function refund(what: { readonly amount: number } | undefined): Promise<string | undefined> {
    const outcome = await create(`/api/payments/${id}/refund`, what);
    if (!outcome.ok) return outcome.fault.status === 401 ? void goSignIn() : refundFault(outcome.fault);
    await onRefunded(RefundAnswer.parse(outcome.body).refunded);
    setTyped('');
    setDone(`${money(what?.amount ?? left)} is on its way to the buyer.`);
    return undefined;
  }

  return (
    <section className="card" aria-labelledby="refund">
      <h2 id="refund">Refund</h2>
      <Field
        label={`Amount in ${ticket.currency.toUpperCase()}`}
        name="amount"
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setFault(undefined);
        }}
        hint={`At most ${money(left)}. The tickets stay with the buyer.`}
        error={fault}
      />
      <div className="actions">
        <Confirm
          action="Refund this amount"
          look="quiet"
          question={`Give ${money(amount)} back?`}
          no="Keep the money"
          yes={`Refund ${money(amount)}`}
          mayAsk={() => {
            setDone('');
            setFault('fault' in read ? read.fault : undefined);
            return 'amount' in read;
          }}
          onYes={() => refund({ amount })}
        >
          The buyer of “{ticket.title}” gets {money(amount)} back. This cannot be undone.
        </Confirm>
        <Confirm
          action="Refund everything"
          look="danger"
          question={`Give ${money(left)} back?`}
          no="Keep the sale"
          yes={`Refund ${money(left)}`}
          onYes={() => refund(undefined)}
        >
          The buyer of “{ticket.title}” gets {money(left)} back, which is all that is left. The tickets stay sold. This
          cannot be undone.
        </Confirm>
      </div>
      <p role="status" className={done ? 'message message-good aside' : undefined}>
        {done}
      </p>
    </section>
  );
}
