import type { ShowAnswer } from '@box-office/common/contracts/shows';
import type { WaitingAnswer } from '@box-office/common/contracts/waiting';
import type { ReactNode } from 'react';
import type { Guest } from '../browser/use-guest.ts';
import { priceInWords } from '../lib/money.ts';
import { aboutKind, type KindAnswer, soldOut, whyNot } from '../lib/show-words.ts';
import { WaitingLine } from './waiting-line.tsx';

interface KindRowProps {
  readonly guest: Guest;
  readonly kind: KindAnswer;
  readonly show: ShowAnswer;
  readonly nowMs: number;
  readonly waiting: WaitingAnswer | undefined;
  /** Shows the line although some are left. */
  readonly hasLine: boolean;
  /** How to choose tickets, if there are any. */
  readonly children: ReactNode;
}

/** One kind of a show's tickets: what it costs, how to choose some, or why there are none. */
export function KindRow({ guest, kind, show, nowMs, waiting, hasLine, children }: KindRowProps) {
  const reason = whyNot(kind, show, nowMs);
  const heading = (
    <>
      <bdi className="kind-name">{kind.name}</bdi>{' '}
      <span className="price">{priceInWords(kind.price, show.currency)}</span>
    </>
  );
  const about = (
    <span className="hint" id={`about.${kind.id}`}>
      {reason ?? aboutKind(kind, show)}
    </span>
  );
  const line = (reason === soldOut || hasLine || waiting?.state === 'waiting') && (
    <WaitingLine guest={guest} show={show} kind={kind} first={waiting} />
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
