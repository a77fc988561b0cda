'use client';

import { Order } from '@box-office/common/contracts/orders';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { useTicketChoice } from '../browser/use-ticket-choice.ts';
import { priceInWords } from '../lib/money.ts';
import { offerable, resaleFault } from '../lib/resale.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { TicketChoice } from './ticket-choice.tsx';

interface ResalePanelProps {
  readonly order: Order;
  /** Takes over the order as it is now. */
  readonly onAnswer: (order: Order) => void;
}

/** Offers tickets of an order to others, and takes them back. */
export function ResalePanel({ order, onAnswer }: ResalePanelProps) {
  const tickets = offerable(order);
  const offered = new Set(tickets.flatMap((it) => (it.isOffered ? [it.id] : [])));
  const ids = tickets.map(({ id }) => id);
  const { chosen, setChosen, keep } = useTicketChoice({ name: 'resale', first: offered, ids });
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const [done, setDone] = useState('');
  const isSingle = tickets.length === 1;

  async function offer(ids: readonly string[]) {
    setBusy(true);
    setMessage('');
    setDone('');
    const outcome = await call('PUT', `/api/orders/${order.id}/resale`, { tickets: ids });
    if (!outcome.ok && outcome.fault.status === 401) {
      keep();
      return goSignIn();
    }
    if (!outcome.ok) setMessage(resaleFault(outcome.fault));
    const now = outcome.ok ? outcome : await call('GET', `/api/orders/${order.id}`);
    const read = now.ok ? Order.safeParse(now.body).data : undefined;
    if (read) {
      onAnswer(read);
      setChosen(new Set(offerable(read).flatMap((it) => (it.isOffered ? [it.id] : []))));
    }
    if (outcome.ok) setDone(ids.length > 0 ? 'What you have chosen is on offer.' : 'Nothing is on offer any more.');
    setBusy(false);
  }

  if (tickets.length === 0) return null;
  return (
    <section className="card" aria-labelledby="resale">
      <h2 id="resale">Cannot go?</h2>
      <p>
        Offer {isSingle ? 'your ticket' : 'tickets'} to others, at today’s price. Whoever pays for it gets it. You get
        back what it cost you, or what the new buyer pays if that is less. Until then it is yours, and you can take it
        back.
      </p>
      {!isSingle && (
        <TicketChoice
          legend="On offer"
          tickets={tickets.map((it) => ({ ...it, price: priceInWords(it.price, order.ticket.currency) }))}
          chosen={chosen}
          onChange={(next) => {
            setChosen(next);
            setMessage('');
            setDone('');
          }}
        />
      )}
      <FormMessage>{message}</FormMessage>
      <div className="actions">
        {isSingle ? (
          <Button busy={busy} look="quiet" onClick={() => void offer(offered.size > 0 ? [] : ids)}>
            {offered.size > 0 ? 'Take the ticket back' : 'Offer the ticket'}
          </Button>
        ) : (
          <Button busy={busy} look="quiet" onClick={() => void offer(ids.filter((id) => chosen.has(id)))}>
            Save what is on offer
          </Button>
        )}
      </div>
      <p role="status" className={done ? 'message message-good aside' : undefined}>
        {done}
      </p>
    </section>
  );
}
