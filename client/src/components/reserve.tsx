'use client';

import { Order } from '@box-office/common/contracts/orders';
import type { TicketState } from '@box-office/common/contracts/tickets';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { create } from '../browser/api.ts';
import { goSignIn } from '../browser/go.ts';
import type { Fault } from '../lib/problem.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

interface ReserveProps {
  readonly ticketId: string;
  readonly state: TicketState;
}

const whyNot = {
  reserved: 'Somebody has reserved this ticket. It comes back on sale if they do not pay in time.',
  sold: 'This ticket is sold.',
  withdrawn: 'The seller has withdrawn this ticket.',
};

/** What somebody else than the seller can do with a ticket. */
export function Reserve({ ticketId, state }: ReserveProps) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function reserve() {
    setBusy(true);
    setMessage('');
    const outcome = await create('/api/orders', { ticketId });
    if (outcome.ok) return router.push(`/orders/${Order.parse(outcome.body).id}`);
    if (outcome.fault.status === 401) return goSignIn();
    setMessage(inWords(outcome.fault));
    setBusy(false);
    if (outcome.fault.status === 409) router.refresh();
  }

  return (
    <>
      {state === 'on-sale' ? (
        <>
          <div className="actions">
            <Button busy={busy} onClick={() => void reserve()}>
              Reserve
            </Button>
          </div>
          <p className="hint">It is kept for you while you pay. You are charged only when the ticket is yours.</p>
        </>
      ) : (
        <p className="message message-warn aside">{whyNot[state]}</p>
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
