'use client';

import { Order } from '@box-office/common/contracts/orders';
import type { Seat, ShowAnswer } from '@box-office/common/contracts/shows';
import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { create } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import {
  afterRefusal,
  type Basket,
  basketFault,
  chosen,
  emptyBasket,
  orderFor,
  totalOf,
  withCount,
  withSeat,
} from '../lib/basket.ts';
import { priceInWords } from '../lib/money.ts';
import { aboutKind, type KindAnswer, mostOf, soldOut, ticketsInWords, whyNoMore, whyNot } from '../lib/show-words.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { type SeatPage, SeatPicker } from './seat-picker.tsx';
import { Stepper } from './stepper.tsx';
import { WaitingLine } from './waiting-line.tsx';

interface BuyProps {
  readonly show: ShowAnswer;
  /** The first seats of each kind that has seats. */
  readonly seats: Readonly<Record<string, SeatPage>>;
  /** The reader's last places in the lines of its kinds, by kind. */
  readonly waiting: Readonly<Record<string, WaitingAnswer>>;
  /** The server's time, so that server and browser agree on what is on sale. */
  readonly nowMs: number;
}

/** What anybody but the organiser can do with a show that is on sale: choose tickets and reserve them together. */
export function Buy({ show, seats, waiting, nowMs }: BuyProps) {
  const router = useRouter();
  const [basket, setBasket] = useState(emptyBasket);
  // What a refusal has said: it is newer than what the page was made from.
  const [taken, setTaken] = useState<ReadonlySet<string>>(new Set());
  const [left, setLeft] = useState<ReadonlyMap<string, number>>(new Map());
  const [tooFew, setTooFew] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const kinds = show.kinds.map((kind) => ({ ...kind, left: left.get(kind.id) ?? kind.left }));
  const count = chosen(basket, kinds);
  const total = totalOf(basket, kinds);
  const hasChoice = kinds.some((kind) => whyNot(kind, show, nowMs) === undefined);

  /** What was wrong with the choice before may be right now. */
  function choose(change: (held: Basket) => Basket) {
    setBasket(change);
    setMessage('');
  }

  async function reserve() {
    const fault = basketFault(basket, kinds, show.perPerson);
    setMessage(fault ?? '');
    if (fault) return;
    setBusy(true);
    const outcome = await create('/api/orders', orderFor(show.id, basket));
    if (outcome.ok) return router.push(`/orders/${Order.parse(outcome.body).id}`);
    if (outcome.fault.status === 401) return goSignIn();
    const after = afterRefusal(basket, outcome.fault);
    setTaken(new Set([...taken, ...(outcome.fault.seats ?? [])]));
    setLeft(new Map([...left, ...(outcome.fault.left ?? []).map((it) => [it.kindId, it.left] as const)]));
    setTooFew(new Set(after.tooFew));
    setBasket(after.basket);
    setMessage(after.message);
    setBusy(false);
    if (outcome.fault.status === 409) router.refresh();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void reserve();
      }}
      noValidate
    >
      <ul className="kinds">
        {kinds.map((kind) => (
          <li key={kind.id}>
            <KindRow kind={kind} show={show} nowMs={nowMs} waiting={waiting[kind.id]} hasLine={tooFew.has(kind.id)}>
              {kind.seated ? (
                <SeatPicker
                  showId={show.id}
                  kindId={kind.id}
                  first={seats[kind.id] ?? { seats: [], next: undefined }}
                  chosen={new Set(basket.seats.keys())}
                  taken={taken}
                  onChoice={({ id, label }: Seat, isChosen) =>
                    choose((held) => withSeat(held, id, isChosen ? { kindId: kind.id, label } : null))
                  }
                />
              ) : (
                <Stepper
                  label={kind.name}
                  name={`kind.${kind.id}`}
                  describedBy={`about.${kind.id}`}
                  count={basket.counts[kind.id] ?? 0}
                  most={mostOf(kind, show)}
                  whyNoMore={whyNoMore(kind, show)}
                  onCount={(wanted) => choose((held) => withCount(held, kind.id, wanted))}
                />
              )}
            </KindRow>
          </li>
        ))}
      </ul>
      {show.perPerson && <p className="hint">One person may have at most {ticketsInWords(show.perPerson)}.</p>}
      <FormMessage>{message}</FormMessage>
      {hasChoice && (
        <>
          <p className="total" role="status">
            {count > 0 && `${ticketsInWords(count)}, ${priceInWords(total, show.currency)}`}
          </p>
          <div className="actions">
            <Button busy={busy}>{count > 0 && total === 0 ? 'Get tickets' : 'Reserve'}</Button>
          </div>
          <p className="hint">
            They are held for you while you pay. You are charged only when the tickets are yours; what is free is yours
            at once.
          </p>
        </>
      )}
    </form>
  );
}

interface KindRowProps {
  readonly kind: KindAnswer;
  readonly show: ShowAnswer;
  readonly nowMs: number;
  readonly waiting: WaitingAnswer | undefined;
  /** Shows the line although some are left. */
  readonly hasLine: boolean;
  /** How to choose tickets, if there are any. */
  readonly children: React.ReactNode;
}

function KindRow({ kind, show, nowMs, waiting, hasLine, children }: KindRowProps) {
  const reason = whyNot(kind, show, nowMs);
  const heading = (
    <>
      <span className="kind-name">{kind.name}</span>{' '}
      <span className="price">{priceInWords(kind.price, show.currency)}</span>
    </>
  );
  const about = (
    <span className="hint" id={`about.${kind.id}`}>
      {reason ?? aboutKind(kind, show)}
    </span>
  );
  const line = (reason === soldOut || hasLine || waiting?.state === 'waiting') && (
    <WaitingLine show={show} kind={kind} first={waiting} />
  );
  if (kind.seated && !reason) {
    return (
      <fieldset>
        <legend>{heading}</legend>
        {about}
        {children}
        {line}
      </fieldset>
    );
  }
  return (
    <div className="kind-row">
      <div>
        {reason ? <span>{heading}</span> : <label htmlFor={`kind.${kind.id}`}>{heading}</label>}
        <br />
        {about}
      </div>
      {reason ? null : children}
      {line}
    </div>
  );
}
