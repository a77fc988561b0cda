'use client';

import type { ShowAnswer } from '@box-office/common/contracts/shows';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { call } from '../browser/api.ts';
import { goSignIn } from '../browser/navigate.ts';
import { priceInWords } from '../lib/money.ts';
import { Button } from './button.tsx';
import { Confirm, useFocusWhen } from './confirm.tsx';
import { FormMessage } from './fields.tsx';

const stateSentences = {
  preparing: 'The tickets are being made. The show goes on sale by itself when all are there.',
  'on-sale': 'The show is on sale.',
  paused: 'The sale is paused. What is reserved or sold stays so.',
  cancelled: 'You have cancelled this show. Everybody who has paid gets all their money back.',
};

/** What the organiser can do with their show. */
export function OrganiserActions({ show }: { readonly show: ShowAnswer }) {
  const { id, state, title, kinds, currency, over, soldOut } = show;
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const [done, setDone] = useState('');
  const status = useFocusWhen<HTMLParagraphElement>(done !== '' && done === state);

  /** Resolves with an error sentence, or with undefined if it is done. */
  async function ask(what: 'pause' | 'resume' | 'cancel', becomes: typeof state): Promise<string | undefined> {
    const outcome = await call('POST', `/api/shows/${id}/${what}`);
    if (!outcome.ok && outcome.fault.status === 401) goSignIn();
    else if (!outcome.ok) return outcome.fault.detail;
    else {
      setDone(becomes);
      router.refresh();
    }
    return undefined;
  }

  async function now(what: 'pause' | 'resume', becomes: typeof state) {
    setBusy(true);
    setMessage((await ask(what, becomes)) ?? '');
    setBusy(false);
  }

  return (
    <>
      <p
        ref={status}
        role="status"
        tabIndex={-1}
        className={`message ${state === 'on-sale' && !over ? 'message-good' : 'message-warn'}`}
      >
        {over && state !== 'cancelled'
          ? 'The show has begun, so its tickets are no longer sold.'
          : stateSentences[state]}
        {soldOut && ' All its tickets are reserved or sold.'}
      </p>
      <ul className="kinds">
        {kinds.map(({ id: kindId, name, price, quantity, made, left }) => (
          <li key={kindId} className="kind-row">
            <span>
              <bdi className="kind-name">{name}</bdi> <span className="price">{priceInWords(price, currency)}</span>
            </span>
            <span className="muted">
              {made < quantity ? `${made} of ${quantity} made` : `${left} of ${quantity} left`}
            </span>
          </li>
        ))}
      </ul>
      <FormMessage>{message}</FormMessage>
      <div className="actions">
        <Link className="button" href={`/shows/${id}/sales`}>
          Sales
        </Link>
        <Link className="button button-quiet" href={`/shows/${id}/orders`}>
          Orders
        </Link>
        {state !== 'cancelled' && !over && (
          <>
            <Link className="button button-quiet" href={`/shows/${id}/edit`}>
              Edit
            </Link>
            {state === 'on-sale' && (
              <Button look="quiet" busy={busy} onClick={() => void now('pause', 'paused')}>
                Pause the sale
              </Button>
            )}
            {state === 'paused' && (
              <Button look="quiet" busy={busy} onClick={() => void now('resume', 'on-sale')}>
                Resume the sale
              </Button>
            )}
            <Confirm
              action="Cancel the show"
              look="danger"
              question="Cancel this show?"
              no="Keep the show"
              yes="Cancel the show"
              onYes={() => ask('cancel', 'cancelled')}
            >
              “<bdi>{title}</bdi>” will not take place. Its sale ends, what is reserved and not paid yet is cancelled,
              and everybody who has paid gets all their money back. This cannot be undone.
            </Confirm>
          </>
        )}
      </div>
    </>
  );
}
