'use client';

import { priceFault } from '@box-office/common/contracts/money';
import { Order } from '@box-office/common/contracts/orders';
import type { TicketAnswer } from '@box-office/common/contracts/tickets';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { create } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import type { Fault } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

const whyNot = {
  reserved: 'Somebody has reserved this ticket. It comes back on sale if they do not pay in time.',
  sold: 'This ticket is sold.',
  withdrawn: 'The seller has withdrawn this ticket.',
};

/** Why the ticket cannot be reserved; undefined if it can. */
function reasonAgainst({ state, over, price, currency }: TicketAnswer): string | undefined {
  if (state !== 'on-sale') return whyNot[state];
  if (over) return 'It has already begun, so its tickets are no longer sold.';
  const fault = priceFault(price, currency);
  return fault && `This ticket cannot be paid: its price ${fault}. Its seller has to change it first.`;
}

/** What anyone but the seller can do with a ticket. */
export function Reserve({ ticket }: { readonly ticket: TicketAnswer }) {
  const no = reasonAgainst(ticket);
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function reserve() {
    setBusy(true);
    setMessage('');
    const outcome = await create('/api/orders', { ticketId: ticket.id });
    if (outcome.ok) return router.push(`/orders/${Order.parse(outcome.body).id}`);
    if (outcome.fault.status === 401) return goSignIn();
    setMessage(inWords(outcome.fault));
    setBusy(false);
    if (outcome.fault.status === 409) router.refresh();
  }

  return (
    <>
      {no === undefined ? (
        <>
          <div className="actions">
            <Button busy={busy} onClick={() => void reserve()}>
              {ticket.price === 0 ? 'Get the ticket' : 'Reserve'}
            </Button>
          </div>
          <p className="hint">
            {ticket.price === 0
              ? 'It is free, and yours at once.'
              : 'It is held for you while you pay. You are charged only when the ticket is yours.'}
          </p>
        </>
      ) : (
        <p className="message message-warn aside">{no}</p>
      )}
      <FormMessage>{message}</FormMessage>
    </>
  );
}

function inWords(fault: Fault): string {
  if (fault.code === 'ticket-reserved') return 'Somebody was faster: this ticket has just been reserved.';
  if (fault.code === 'own-ticket') return 'This is your own ticket.';
  if (fault.status === 404) return 'This ticket is not on sale any more.';
  return fault.detail;
}
