'use client';

import { showPrice } from '@box-office/common/contracts/money';
import type { SoldOrder } from '@box-office/common/contracts/orders';
import { RefundAnswer } from '@box-office/common/contracts/payments';
import { useEffect, useState } from 'react';
import { create } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { forgetInTab, keepInTab, keptInTab } from '../browser/tab-store.ts';
import { useTicketChoice } from '../browser/use-ticket-choice.ts';
import { readAmount, refundableTickets, refundFault } from '../lib/refund-form.ts';
import { ticketsInWords } from '../lib/show-words.ts';
import { Confirm } from './confirm.tsx';
import { Field, FormMessage } from './fields.tsx';
import { TicketChoice } from './ticket-choice.tsx';

interface RefundPanelProps {
  readonly order: SoldOrder;
  /** What can be refunded, in the smallest unit of the currency. */
  readonly left: number;
  /** Told how much of the order is refunded now. Resolves once the order shows it. */
  readonly onRefunded: (refunded: number) => Promise<unknown>;
}

type Wanted = { readonly amount: number } | { readonly tickets: readonly string[] } | undefined;

/** What a seller can give back of an order: single tickets, an amount, or everything. */
export function RefundPanel({ order, left, onRefunded }: RefundPanelProps) {
  const { id, ticket } = order;
  const [done, setDone] = useState('');
  const money = (amount: number) => showPrice(amount, ticket.currency);

  async function refund(what: Wanted, amount: number, keep?: () => void): Promise<string | undefined> {
    setDone('');
    const outcome = await create(`/api/payments/${id}/refund`, what);
    if (!outcome.ok && outcome.fault.status === 401) {
      keep?.();
      goSignIn();
      return undefined;
    }
    if (!outcome.ok) return refundFault(outcome.fault);
    await onRefunded(RefundAnswer.parse(outcome.body).refunded);
    setDone(`${money(amount)} is on its way to the buyer.`);
    return undefined;
  }

  return (
    <section className="card" aria-labelledby="refund">
      <h2 id="refund">Refund</h2>
      <TicketRefund order={order} left={left} money={money} refund={refund} />
      <AmountRefund order={order} left={left} money={money} refund={refund} />
      <div className="actions">
        <Confirm
          action="Refund everything"
          look="danger"
          question={`Give ${money(left)} back?`}
          no="Keep the sale"
          yes={`Refund ${money(left)}`}
          onYes={() => refund(undefined, left)}
        >
          The buyer of “<bdi>{ticket.title}</bdi>” gets {money(left)} back, which is all that is left. What is refunded
          is no longer valid and does not go back on sale. This cannot be undone.
        </Confirm>
      </div>
      <p role="status" className={done ? 'message message-good aside' : undefined}>
        {done}
      </p>
    </section>
  );
}

interface PartProps {
  readonly order: SoldOrder;
  readonly left: number;
  readonly money: (amount: number) => string;
  /**
   * Resolves with an error sentence, or with undefined once it is refunded. `keep` is called if the session has ended,
   * to store what was chosen.
   */
  readonly refund: (what: Wanted, amount: number, keep?: () => void) => Promise<string | undefined>;
}

/** Single tickets of an order of several. */
function TicketRefund({ order, left, money, refund }: PartProps) {
  const [fault, setFault] = useState('');
  const tickets = refundableTickets(order);
  const ids = tickets.map((it) => it.id);
  const { chosen, setChosen, keep } = useTicketChoice({ name: 'refund', first: new Set(), ids });
  const wanted = tickets.filter((it) => chosen.has(it.id));
  const amount = Math.min(
    left,
    wanted.reduce((sum, { price }) => sum + price, 0),
  );
  if (tickets.length === 0 || order.tickets?.length === 1) return null;
  return (
    <>
      <TicketChoice
        legend="Tickets"
        tickets={tickets.map((it) => ({ ...it, price: money(it.price) }))}
        chosen={chosen}
        onChange={(next) => {
          setChosen(next);
          setFault('');
        }}
      />
      <FormMessage>{fault}</FormMessage>
      <div className="actions">
        <Confirm
          action="Refund these tickets"
          look="quiet"
          question={`Give ${money(amount)} back?`}
          no="Keep the money"
          yes={`Refund ${money(amount)}`}
          mayAsk={() => {
            setFault(wanted.length === 0 ? 'Choose at least one ticket.' : '');
            return wanted.length > 0;
          }}
          onYes={() => refund({ tickets: wanted.map((it) => it.id) }, amount, keep)}
        >
          The buyer of “<bdi>{order.ticket.title}</bdi>” gets {money(amount)} back for {ticketsInWords(wanted.length)}.
          What is refunded is no longer valid and does not go back on sale. This cannot be undone.
        </Confirm>
      </div>
    </>
  );
}

function AmountRefund({ order: { ticket }, left, money, refund }: PartProps) {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string>();

  useEffect(() => {
    const kept = keptInTab('typed amount');
    forgetInTab('typed amount');
    if (typeof kept === 'string') setTyped(kept);
  }, []);

  const read = readAmount(typed, ticket.currency, left);
  const amount = 'amount' in read ? read.amount : 0;

  async function refundAmount() {
    const wrong = await refund({ amount }, amount, () => keepInTab('typed amount', typed));
    if (wrong === undefined) setTyped('');
    return wrong;
  }

  return (
    <>
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
        hint={`At most ${money(left)}. The buyer keeps the tickets.`}
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
            setFault('fault' in read ? read.fault : undefined);
            return 'amount' in read;
          }}
          onYes={refundAmount}
        >
          The buyer of “<bdi>{ticket.title}</bdi>” gets {money(amount)} back and keeps the tickets. This cannot be
          undone.
        </Confirm>
      </div>
    </>
  );
}
