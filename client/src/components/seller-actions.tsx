'use client';

import type { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/go.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { Refund } from './refund.tsx';

interface SellerActionsProps {
  readonly ticket: Ticket;
}

const whyNot = {
  reserved: 'Somebody has reserved your ticket and may pay for it. Until then you can neither edit nor withdraw it.',
  sold: 'Your ticket is sold.',
  withdrawn: 'You have withdrawn this ticket.',
};

export function SellerActions({ ticket }: SellerActionsProps) {
  const { id, state, refundedAt } = ticket;
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function withdraw() {
    setBusy(true);
    setMessage('');
    const outcome = await call('DELETE', `/api/tickets/${id}`);
    if (!outcome.ok && outcome.fault.status === 401) return goSignIn();
    if (!outcome.ok) {
      const { code, detail } = outcome.fault;
      setMessage(code === 'ticket-reserved' ? 'Too late: somebody has just reserved this ticket.' : detail);
    }
    setBusy(false);
    router.refresh();
  }

  return (
    <>
      {state === 'on-sale' ? (
        <div className="actions">
          <Link className="button" href={`/tickets/${id}/edit`}>
            Edit
          </Link>
          <Button look="danger" busy={busy} onClick={() => void withdraw()}>
            Withdraw
          </Button>
        </div>
      ) : (
        <p className="message message-warn aside">
          {refundedAt ? 'Your ticket is sold, and its buyer has the money back.' : whyNot[state]}
        </p>
      )}
      {state === 'sold' && !refundedAt && <Refund ticket={ticket} />}
      <FormMessage>{message}</FormMessage>
    </>
  );
}
