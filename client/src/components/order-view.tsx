'use client';

import { Order, ticketsOf, totalOf } from '@box-office/common/contracts/orders';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { useOrder } from '../browser/use-order.ts';
import { showRemaining } from '../lib/clock.ts';
import { priceInWords } from '../lib/money.ts';
import { stageOf } from '../lib/order-stage.ts';
import { isSingle } from '../lib/order-words.ts';
import type { Place } from '../lib/place.ts';
import { lookOf, stateOfOrder } from '../lib/states.ts';
import { AccountOffer } from './account-offer.tsx';
import { Button } from './button.tsx';
import { Confirm, useFocusWhen } from './confirm.tsx';
import { FormMessage } from './fields.tsx';
import { OrderLines } from './order-lines.tsx';
import { OrderStatus } from './order-status.tsx';
import { Payment } from './payment.tsx';
import { ResalePanel } from './resale-panel.tsx';
import { TimeFact } from './when.tsx';

interface OrderViewProps {
  /** The address of a buyer without an account; null for others. */
  readonly guestEmail: string | null;
  readonly first: Order;
  readonly place: Place;
  readonly firstRemainingMs: number;
  readonly sandboxUrl: string | null;
  /** It has begun, so its tickets can no longer be offered to others. */
  readonly hasBegun: boolean;
  /** The outcome reported by the bank's page, if the buyer has come back from it. */
  readonly bankSaid: 'yes' | 'no' | null;
}

/** One order from its reservation to its end. */
export function OrderView({
  guestEmail,
  first,
  place,
  firstRemainingMs,
  sandboxUrl,
  hasBegun,
  bankSaid,
}: OrderViewProps) {
  const [paid, setPaid] = useState(bankSaid === 'yes');
  const [mayBePaid, setMayBePaid] = useState(bankSaid === 'yes');
  const [refused, setRefused] = useState(false);
  const { order, remainingMs, lastLook, take } = useOrder(first, firstRemainingMs, paid || refused);
  const { ticket, status, showId } = order;

  // The bank's outcome belongs to this visit, so a reload must not show it again.
  useEffect(() => {
    if (bankSaid) window.history.replaceState(null, '', window.location.pathname);
  }, [bankSaid]);

  const [cancelled, setCancelled] = useState(false);
  const outcome = useFocusWhen<HTMLDivElement>(cancelled);
  const open = status === 'created' && !refused;
  const stage = stageOf({ status, lastLook, isOver: remainingMs === 0, mayBePaid, isRefused: refused });

  return (
    <div className="columns">
      <section className="card">
        <h1>
          <bdi>{ticket.title}</bdi>
        </h1>
        <PlaceFacts {...place} />
        {showId && <OrderLines order={order} />}
        <p className="price price-large">{priceInWords(totalOf(order), ticket.currency)}</p>
        <div
          ref={outcome}
          role="status"
          tabIndex={-1}
          data-status={status}
          className={`message message-${lookOf(stateOfOrder(order))}`}
        >
          <OrderStatus order={order} stage={stage} mayBePaid={mayBePaid} guestEmail={guestEmail} />
        </div>
        {open && remainingMs > 0 && <Countdown remainingMs={remainingMs} count={ticketsOf(order).length} />}
        <p className="aside order-number">Order number {order.id}</p>
        <p className="aside">
          <Link href="/orders">All my orders</Link> ·{' '}
          {showId ? (
            <Link href={`/shows/${showId}`}>The show</Link>
          ) : (
            <Link href={`/tickets/${ticket.id}`}>The ticket</Link>
          )}
        </p>
      </section>
      <div className="stack">
        {status === 'complete' && guestEmail && <AccountOffer email={guestEmail} />}
        {status === 'complete' && !hasBegun && <ResalePanel order={order} onAnswer={take} />}
        {open && remainingMs > 0 && !(paid && stage === 'not-theirs') && (
          <section className="card" aria-label="Payment">
            <h2>Pay</h2>
            {paid ? (
              <OnItsWay onAgain={() => setPaid(false)} />
            ) : (
              <>
                {bankSaid === 'no' && (
                  <FormMessage>Your bank declined the payment. Try again, or use another card.</FormMessage>
                )}
                <Payment
                  orderId={order.id}
                  traceparent={order.traceparent}
                  sandboxUrl={sandboxUrl}
                  onSent={() => setMayBePaid(true)}
                  onPaid={() => setPaid(true)}
                  onRefused={() => setRefused(true)}
                />
                <CancelOrder
                  order={order}
                  onAnswer={(answer) => {
                    setCancelled(true);
                    take(answer);
                  }}
                />
              </>
            )}
          </section>
        )}
      </div>
    </div>
  );
}

function PlaceFacts({ venue, startsAt, endsAt, timeZone }: Place) {
  if (!venue && !startsAt) return null;
  return (
    <dl className="facts">
      {venue && (
        <>
          <dt>Venue</dt>
          <dd>
            <bdi>{venue}</bdi>
          </dd>
        </>
      )}
      <TimeFact name="Starts" at={startsAt} timeZone={timeZone} />
      <TimeFact name="Ends" at={endsAt} timeZone={timeZone} />
    </dl>
  );
}

const longMs = 20_000;

/** Between the card's approval and the shop's. If it takes long, the buyer may have left the bank's page early. */
function OnItsWay({ onAgain }: { readonly onAgain: () => void }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), longMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <p>Your payment is being processed. This page updates itself.</p>
      {long && (
        <>
          <p>
            This is taking longer than usual. If you did not finish, pay again: you are never charged twice for an
            order.
          </p>
          <Button look="quiet" onClick={onAgain}>
            Show the payment form
          </Button>
        </>
      )}
    </>
  );
}

function Countdown({ remainingMs, count }: { readonly remainingMs: number; readonly count: number }) {
  return (
    <>
      <p role="timer" className={remainingMs < 60_000 ? 'timer timer-short' : 'timer'} suppressHydrationWarning>
        {showRemaining(remainingMs)}
      </p>
      <p className="muted">is how long the {count === 1 ? 'ticket is' : 'tickets are'} held for you.</p>
    </>
  );
}

interface CancelOrderProps {
  readonly order: Order;
  readonly onAnswer: (order: Order) => void;
}

function CancelOrder({ order, onAnswer }: CancelOrderProps) {
  const { id, ticket } = order;
  async function cancel() {
    const outcome = await call('DELETE', `/api/orders/${id}`);
    if (outcome.ok) onAnswer(Order.parse(outcome.body));
    else if (outcome.fault.status === 401) goSignIn();
    else if (outcome.fault.code === 'order-paying')
      return 'Your payment is already being taken, so the order can no longer be cancelled.';
    else return outcome.fault.detail;
    return undefined;
  }

  return (
    <div className="actions">
      <Confirm
        action="Cancel order"
        look="danger"
        question="Cancel this order?"
        no="Keep the order"
        yes="Cancel the order"
        onYes={cancel}
      >
        {isSingle(order) ? (
          <>
            “<bdi>{ticket.title}</bdi>” goes
          </>
        ) : (
          'All its tickets go'
        )}{' '}
        back on sale, and others can reserve {isSingle(order) ? 'it' : 'them'}. Nothing is charged.
      </Confirm>
    </div>
  );
}
