'use client';

import { Seat } from '@box-office/common/contracts/shows';
import { useState } from 'react';
import { z } from 'zod';
import { call } from '../browser/api.ts';
import { useHydrated } from '../browser/use-hydrated.ts';
import { nextCursor } from '../lib/paging.ts';
import { Button } from './button.tsx';
import { FormMessage } from './fields.tsx';

export interface SeatPage {
  readonly seats: readonly Seat[];
  /** The cursor of the next page, if there is one. */
  readonly next: string | undefined;
}

interface SeatPickerProps {
  readonly showId: string;
  readonly kindId: string;
  /** The first seats. */
  readonly first: SeatPage;
  readonly chosen: ReadonlySet<string>;
  /** Seats that somebody else was faster with, after the page was made. */
  readonly taken: ReadonlySet<string>;
  readonly onChoice: (seat: Seat, isChosen: boolean) => void;
}

/** The seats of a kind as a list, a page at a time. */
export function SeatPicker({ showId, kindId, first, chosen, taken, onChoice }: SeatPickerProps) {
  const hydrated = useHydrated();
  const [more, setMore] = useState<SeatPage>();
  const [message, setMessage] = useState('');
  const seats = [...first.seats, ...(more?.seats ?? [])];
  const next = more ? more.next : first.next;

  async function load(cursor: string) {
    const wanted = new URLSearchParams({ kindId, cursor, limit: '100' });
    const outcome = await call('GET', `/api/shows/${showId}/seats?${wanted}`);
    const read = outcome.ok ? z.array(Seat).safeParse(outcome.body) : undefined;
    if (!outcome.ok || !read?.success) return setMessage('The other seats could not be loaded. Try again in a moment.');
    setMessage('');
    setMore({ seats: [...(more?.seats ?? []), ...read.data], next: nextCursor(outcome.headers.get('link')) });
  }

  return (
    <>
      <ul className="seats">
        {seats.map((seat) => {
          const isFree = seat.free && !taken.has(seat.id);
          return (
            <li key={seat.id}>
              <label className={isFree ? 'seat' : 'seat seat-taken'}>
                <input
                  type="checkbox"
                  disabled={!hydrated || !isFree}
                  checked={chosen.has(seat.id)}
                  onChange={({ target }) => onChoice(seat, target.checked)}
                />{' '}
                <bdi>{seat.label}</bdi>
                {!isFree && <span className="visually-hidden"> (taken)</span>}
              </label>
            </li>
          );
        })}
      </ul>
      <FormMessage>{message}</FormMessage>
      {next && (
        <Button look="quiet" onClick={() => void load(next)}>
          Show more seats
        </Button>
      )}
    </>
  );
}
