'use client';

import type { User } from '@box-office/common/contracts/auth';
import type { Seat, ShowAnswer } from '@box-office/common/contracts/shows';
import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import { useRef } from 'react';
import { useReservation } from '../browser/use-reservation.ts';
import { chosen, totalOf, withCount, withSeat } from '../lib/basket.ts';
import { priceInWords } from '../lib/money.ts';
import { mostOf, soldOut, ticketsInWords, whyNoMore, whyNot } from '../lib/show-words.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';
import { GuestFields } from './guest-fields.tsx';
import { KindRow } from './kind-row.tsx';
import { type SeatPage, SeatPicker } from './seat-picker.tsx';
import { Stepper } from './stepper.tsx';

interface BuyProps {
  /** Null for somebody without a session, who buys as a guest. */
  readonly buyer: User | null;
  readonly show: ShowAnswer;
  /** The first seats of each kind that has seats. */
  readonly seats: Readonly<Record<string, SeatPage>>;
  /** The reader's last places in the lines of its kinds, by kind. */
  readonly waiting: Readonly<Record<string, WaitingAnswer>>;
  /** The server's time, so that server and browser agree on what is on sale. */
  readonly nowMs: number;
}

/** What anybody but the organiser can do with a show that is on sale: choose tickets and reserve them together. */
export function Buy({ buyer, show, seats, waiting, nowMs }: BuyProps) {
  const form = useRef<HTMLFormElement>(null);
  const offer = { buyer, show, takenBefore: takenOf(seats), nowMs };
  const { guest, basket, choose, kinds, taken, tooFew, busy, message, reserve } = useReservation(offer, form);
  const count = chosen(basket, kinds);
  const total = totalOf(basket, kinds);
  const hasChoice = kinds.some((kind) => whyNot(kind, show, nowMs) === undefined);
  const hasLine = kinds.some((kind) => whyNot(kind, show, nowMs) === soldOut);

  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void reserve();
      }}
      noValidate
    >
      <ul className="kinds">
        {kinds.map((kind) => (
          <li key={kind.id}>
            <KindRow
              guest={guest}
              kind={kind}
              show={show}
              nowMs={nowMs}
              waiting={waiting[kind.id]}
              hasLine={tooFew.has(kind.id)}
            >
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
      {(hasChoice || hasLine) && <GuestFields buyer={buyer} guest={guest} />}
      {hasChoice && (
        <>
          <p className="total" role="status">
            {count > 0 && `${ticketsInWords(count)}, ${priceInWords(total, show.currency)}`}
            {basket.seats.size > 0 && (
              <>
                : <bdi>{[...basket.seats.values()].map(({ label }) => label).join(', ')}</bdi>
              </>
            )}
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

const takenOf = (pages: BuyProps['seats']): ReadonlySet<string> =>
  new Set(Object.values(pages).flatMap(({ seats }) => seats.filter(({ free }) => !free).map(({ id }) => id)));
