'use client';

import { showPrice } from '@box-office/common/contracts/money';
import { Order } from '@box-office/common/contracts/orders';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/go.ts';
import { useOrder } from '../browser/use-order.ts';
import { showRemaining } from '../lib/clock.ts';
import { reasonInWords, statusInWords } from '../lib/order-words.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { Payment } from './payment.tsx';
import { When } from './when.tsx';

interface OrderViewProps {
  readonly first: Order;
  readonly firstRemainingMs: number;
  readonly sandboxUrl: string | null;
  /** What the bank's page said on the way back from it, if the buyer was there. */
  readonly bankSaid: 'yes' | 'no' | null;
}

/** One order from its reservation to its end. */
export function OrderView({ first, firstRemainingMs, sandboxUrl, bankSaid }: OrderViewProps) {
  const [paid, setPaid] = useState(bankSaid === 'yes');
  const { order, remainingMs, take } = useOrder(first, firstRemainingMs, paid);
  const { ticket, status } = order;

  // What the bank said is about this visit: loading the page again must not say it again.
  useEffect(() => {
    if (bankSaid) window.history.replaceState(null, '', window.location.pathname);
  }, [bankSaid]);

  return (
    <div className="columns">
      <section className="card">
        <h1>{ticket.title}</h1>
        <p className="price price-large">{showPrice(ticket.price, ticket.currency)}</p>
        <div role="status" data-status={status} className={`message ${lookOf(order)}`}>
          <p>{statusInWords(order)}</p>
          {status === 'cancelled' && <p>{reasonInWords(order)}</p>}
          {status === 'complete' && <Paid order={order} />}
          {status === 'awaiting:payment' && <p>Your bank agreed. This page follows by itself; it takes a moment.</p>}
        </div>
        {status === 'created' && <Countdown remainingMs={remainingMs} />}
        {status === 'created' && !paid && <CancelOrder id={order.id} onAnswer={take} />}
        <p className="aside">
          <Link href="/orders">All my orders</Link> · <Link href={`/tickets/${ticket.id}`}>The ticket</Link>
        </p>
      </section>
      {status === 'created' && remainingMs > 0 && (
        <section className="card" aria-label="Payment">
          <h2>Pay</h2>
          {paid ? (
            <OnItsWay onAgain={() => setPaid(false)} />
          ) : (
            <>
              {bankSaid === 'no' && <FormMessage>Your bank did not agree. Try again, or use another card.</FormMessage>}
              <Payment orderId={order.id} sandboxUrl={sandboxUrl} onPaid={() => setPaid(true)} />
            </>
          )}
        </section>
      )}
    </div>
  );
}

function Paid({ order: { ticket, refundedAt } }: { readonly order: Order }) {
  const money = showPrice(ticket.price, ticket.currency);
  if (!refundedAt) return <p>You have paid {money}. Enjoy the evening!</p>;
  return (
    <p>
      You got {money} back on <When at={refundedAt} />. Your bank may take some days to show it.
    </p>
  );
}

const longMs = 20_000;

/** Between the card's yes and the shop's. When that takes long, perhaps the bank's page was left without a yes. */
function OnItsWay({ onAgain }: { readonly onAgain: () => void }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), longMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <p>Your payment is on its way to us. This page follows by itself.</p>
      {long && (
        <>
          <p>It takes longer than usual. If you did not finish, pay again: you are never charged twice for an order.</p>
          <Button look="quiet" onClick={onAgain}>
            Show the payment form
          </Button>
        </>
      )}
    </>
  );
}

function Countdown({ remainingMs }: { readonly remainingMs: number }) {
  if (remainingMs === 0) return <p>The time is over. The ticket goes back on sale in a moment.</p>;
  return (
    <>
      <p role="timer" className={remainingMs < 60_000 ? 'timer timer-short' : 'timer'} suppressHydrationWarning>
        {showRemaining(remainingMs)}
      </p>
      <p className="muted">is how long the ticket is kept for you.</p>
    </>
  );
}

interface CancelOrderProps {
  readonly id: string;
  readonly onAnswer: (order: Order) => void;
}

function CancelOrder({ id, onAnswer }: CancelOrderProps) {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');

  async function cancel() {
    setBusy(true);
    setMessage('');
    const outcome = await call('DELETE', `/api/orders/${id}`);
    if (outcome.ok) return onAnswer(Order.parse(outcome.body));
    if (outcome.fault.status === 401) return goSignIn();
    setMessage(
      outcome.fault.code === 'order-paying'
        ? 'Your payment is being taken already, so the order cannot be cancelled any more.'
        : outcome.fault.detail,
    );
    setBusy(false);
  }

  return (
    <>
      <div className="actions">
        <Button look="danger" busy={busy} onClick={() => void cancel()}>
          Cancel order
        </Button>
      </div>
      <FormMessage>{message}</FormMessage>
    </>
  );
}

function lookOf({ status, refundedAt }: Order): string {
  if (status === 'complete' && !refundedAt) return 'message-good';
  return status === 'cancelled' ? 'message-bad' : 'message-warn';
}
