'use client';

import type { User } from '@box-office/common/contracts/auth';
import { priceFault } from '@box-office/common/contracts/money';
import { Order } from '@box-office/common/contracts/orders';
import type { TicketAnswer } from '@box-office/common/contracts/tickets';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { create } from '../browser/api.ts';
import { startAction } from '../browser/trace.ts';
import { useGuest } from '../browser/use-guest.ts';
import type { Fault } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { GuestFields } from './guest-fields.tsx';

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

interface ReserveProps {
  /** Null for somebody without a session, who buys as a guest. */
  readonly buyer: User | null;
  readonly ticket: TicketAnswer;
}

/** What anyone but the seller can do with a ticket. */
export function Reserve({ buyer, ticket }: ReserveProps) {
  const no = reasonAgainst(ticket);
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const guest = useGuest(buyer, form);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function reserve() {
    setBusy(true);
    setMessage('');
    const click = startAction('reserve');
    if (!(await guest.begin(click.traceparent))) {
      click.end({ ok: false });
      return setBusy(false);
    }
    const outcome = await create('/api/orders', { ticketId: ticket.id }, click.traceparent);
    click.end(outcome);
    if (outcome.ok) return guest.goOn(`/orders/${Order.parse(outcome.body).id}`);
    setBusy(false);
    if (outcome.fault.status === 401) return guest.sessionEnded();
    setMessage(inWords(outcome.fault));
    if (outcome.fault.status === 409) router.refresh();
  }

  return (
    <>
      {no === undefined ? (
        <form
          ref={form}
          onSubmit={(event) => {
            event.preventDefault();
            void reserve();
          }}
          method="post"
          noValidate
        >
          <GuestFields buyer={buyer} guest={guest} />
          <div className="actions">
            <Button busy={busy}>{ticket.price === 0 ? 'Get the ticket' : 'Reserve'}</Button>
          </div>
          <p className="hint">
            {ticket.price === 0
              ? 'It is free, and yours at once.'
              : 'It is held for you while you pay. You are charged only when the ticket is yours.'}
          </p>
        </form>
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
