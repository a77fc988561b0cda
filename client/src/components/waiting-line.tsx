'use client';

import type { ShowAnswer } from '@box-office/common/contracts/shows';
import { WaitingAnswer } from '@box-office/common/contracts/waiting';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { create } from '../browser/api.ts';
import { forgetInTab, keepInTab, keptInTab } from '../browser/tab-store.ts';
import { startAction } from '../browser/trace.ts';
import type { Guest } from '../browser/use-guest.ts';
import { useRefreshWhile } from '../browser/use-refresh-while.ts';
import type { KindAnswer } from '../lib/show-words.ts';
import { howWaitingWorks, mostToWaitFor, waitingInWords } from '../lib/waiting-words.ts';
import { Button } from './button.tsx';
import { useFocusWhen } from './confirm.tsx';
import { FormMessage } from './fields.tsx';
import { LeaveLine } from './leave-line.tsx';

interface WaitingLineProps {
  /** Lets somebody without a session wait as a guest. */
  readonly guest: Guest;
  readonly show: ShowAnswer;
  readonly kind: KindAnswer;
  /** The reader's last place when the page was made, if they have had one. */
  readonly first: WaitingAnswer | undefined;
}

/** The line for tickets of a kind that is sold out: the reader's place in it, or how to join. */
export function WaitingLine({ guest, show, kind, first }: WaitingLineProps) {
  const router = useRouter();
  const [answer, setAnswer] = useState<WaitingAnswer>();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const entry = newest(first, answer);
  const isWaiting = entry?.state === 'waiting';
  // How an earlier visit ended is of no interest here.
  const isNews = isWaiting || (entry !== undefined && entry.id === answer?.id);
  const outcome = useFocusWhen<HTMLParagraphElement>(answer !== undefined);
  const quantityField = `wait.${kind.id}`;
  const [quantity, setQuantity] = useState(1);
  const most = mostToWaitFor(kind, show);
  const quantities = Array.from({ length: most }, (_, index) => index + 1);
  useRefreshWhile(isWaiting);

  useEffect(() => {
    const kept = keptInTab(quantityField);
    forgetInTab(quantityField);
    if (typeof kept === 'number' && kept <= most) setQuantity(kept);
  }, [quantityField, most]);

  async function join() {
    setBusy(true);
    setMessage('');
    const click = startAction('join the waiting list');
    if (!(await guest.begin(click.traceparent))) {
      click.end({ ok: false });
      return setBusy(false);
    }
    const joined = await create('/api/waiting-list', { showId: show.id, kindId: kind.id, quantity }, click.traceparent);
    click.end(joined);
    setBusy(false);
    if (joined.ok) {
      setAnswer(WaitingAnswer.parse(joined.body));
      // The frame around the page shows who is signed in.
      router.refresh();
    } else if (joined.fault.status === 401) {
      keepInTab(quantityField, quantity);
      guest.sessionEnded();
    } else {
      setMessage(joined.fault.detail);
      if (joined.fault.status === 409) router.refresh();
    }
  }

  return (
    <div className="line">
      {entry && isNews && (
        <p ref={outcome} role="status" tabIndex={-1}>
          {waitingInWords(entry)} {entry.orderId && <Link href={`/orders/${entry.orderId}`}>Go to your order</Link>}
        </p>
      )}
      {isWaiting ? (
        <LeaveLine entry={entry} onLeft={setAnswer} />
      ) : (
        <>
          <label htmlFor={quantityField}>
            Tickets
            <span className="visually-hidden">
              {' '}
              of <bdi>{kind.name}</bdi> to wait for
            </span>
          </label>
          <select
            id={quantityField}
            value={quantity}
            onChange={({ target }) => {
              setQuantity(Number(target.value));
              setMessage('');
            }}
          >
            {quantities.map((it) => (
              <option key={it}>{it}</option>
            ))}
          </select>
          <Button look="quiet" busy={busy} label={`Join the waiting list: ${kind.name}`} onClick={() => void join()}>
            Join the waiting list
          </Button>
        </>
      )}
      <p className="hint">{howWaitingWorks}</p>
      <FormMessage>{message}</FormMessage>
    </div>
  );
}

/** What the page was made from is refreshed, and what was answered since may be newer. */
function newest(first: WaitingAnswer | undefined, answer: WaitingAnswer | undefined): WaitingAnswer | undefined {
  if (!first || !answer) return answer ?? first;
  return first.id === answer.id && first.version >= answer.version ? first : answer;
}
