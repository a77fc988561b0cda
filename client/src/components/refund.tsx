'use client';

import { showPrice } from '@box-office/common/contracts/money';
import type { Ticket } from '@box-office/common/contracts/tickets';
import { useEffect, useId, useRef, useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/go.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

interface RefundProps {
  readonly ticket: Pick<Ticket, 'orderId' | 'title' | 'price' | 'currency'>;
}

/** Gives the buyer the money back, after a question: nobody can undo it. The dialog is the browser's own, so Escape and the tab key do what they do everywhere. */
export function Refund({ ticket: { orderId, title, price, currency } }: RefundProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const outcome = useRef<HTMLSpanElement>(null);
  const question = useId();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [message, setMessage] = useState('');
  const money = showPrice(price, currency);

  // The button that had the keyboard is gone.
  useEffect(() => {
    if (done) outcome.current?.focus();
  }, [done]);

  async function refund() {
    setBusy(true);
    setMessage('');
    const answer = await call('POST', `/api/payments/${orderId}/refund`);
    if (!answer.ok && answer.fault.status === 401) return goSignIn();
    setBusy(false);
    if (!answer.ok) return setMessage(answer.fault.detail);
    dialog.current?.close();
    setDone(true);
  }

  if (done) {
    return (
      <span ref={outcome} role="status" tabIndex={-1} className="badge badge-refunded">
        Refunded
      </span>
    );
  }
  return (
    <>
      <div className="actions">
        <Button look="quiet" label={`Refund ${title}`} onClick={() => dialog.current?.showModal()}>
          Refund
        </Button>
      </div>
      <dialog ref={dialog} aria-labelledby={question} className="card">
        <h2 id={question}>Give {money} back?</h2>
        <p>The buyer of “{title}” gets the whole price back. The ticket stays sold. This cannot be undone.</p>
        <FormMessage>{message}</FormMessage>
        <div className="actions">
          <Button look="quiet" onClick={() => dialog.current?.close()}>
            Keep the sale
          </Button>
          <Button look="danger" busy={busy} onClick={() => void refund()}>
            Refund {money}
          </Button>
        </div>
      </dialog>
    </>
  );
}
