'use client';

import { showPrice } from '@box-office/common/contracts/money';
import type { Ticket } from '@box-office/common/contracts/tickets';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { leftOfListing } from '../lib/states.ts';
import { Confirm, useFocusWhen } from './confirm.tsx';

interface SellerActionsProps {
  readonly ticket: Ticket;
}

const whyNot = {
  reserved: 'Somebody has reserved your ticket and may pay for it. Until then you can neither edit nor withdraw it.',
  sold: 'Your ticket is sold.',
  withdrawn: 'You have withdrawn this ticket.',
};

function moneyInWords({
  offered,
  refundedAt,
  refundFailedAt,
  refunded = 0,
  dispute,
  currency,
}: SellerActionsProps['ticket']): string | undefined {
  if (refundedAt) return 'Your ticket is sold, and its buyer has been refunded.';
  if (dispute === 'lost') return 'Your ticket is sold. The buyer disputed the payment and got the money back.';
  if (dispute === 'open') {
    return 'Your ticket is sold. The buyer disputes the payment: their bank has taken the money back, and waits for an answer in Stripe’s dashboard.';
  }
  if (refundFailedAt) {
    return 'Your ticket is sold. The buyer’s bank returned your refund, so the buyer does not have that money: refund them again, or find another way.';
  }
  if (offered) return 'Your ticket is sold, and its buyer offers it to others.';
  return refunded > 0 ? `Your ticket is sold, and its buyer got ${showPrice(refunded, currency)} back.` : undefined;
}

export function SellerActions({ ticket }: SellerActionsProps) {
  const { id, title, state } = ticket;
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const status = useFocusWhen<HTMLParagraphElement>(asked && state !== 'on-sale');

  async function withdraw() {
    const outcome = await call('DELETE', `/api/tickets/${id}`);
    if (!outcome.ok && outcome.fault.status === 401) goSignIn();
    else if (!outcome.ok && outcome.fault.code !== 'ticket-reserved') return outcome.fault.detail;
    else {
      // It is withdrawn, or a buyer was faster: the reloaded page shows which.
      setAsked(true);
      router.refresh();
    }
    return undefined;
  }

  if (state === 'on-sale') {
    return (
      <div className="actions">
        <Link className="button" href={`/tickets/${id}/edit`}>
          Edit
        </Link>
        <Confirm
          action="Withdraw"
          look="danger"
          question="Take this ticket off sale?"
          no="Keep it on sale"
          yes="Withdraw ticket"
          onYes={withdraw}
        >
          Nobody can reserve “<bdi>{title}</bdi>” any more. This cannot be undone; you can list the ticket again.
        </Confirm>
      </div>
    );
  }
  return (
    <>
      <p ref={status} role="status" tabIndex={-1} className="message message-warn aside">
        {moneyInWords(ticket) ?? whyNot[state]}
      </p>
      {state === 'sold' && (
        <div className="actions">
          <Link className="button button-quiet" href="/sales">
            {leftOfListing(ticket) > 0 ? 'Refund it in my sales' : 'My sales'}
          </Link>
        </div>
      )}
    </>
  );
}
