import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useNavigate, useOutletContext, useParams } from 'react-router';
import type { DeadLetter } from '../../../src/api/dead-letters.ts';
import { get, post } from '../lib/api.ts';
import { counted } from '../lib/words.ts';
import { Service } from '../parts/badge.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { Json } from '../parts/json.tsx';
import { eventPath, Related } from '../parts/links.tsx';
import { Fact, Facts } from '../parts/panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { Age, Clock } from '../parts/time.tsx';
import { Headers } from './event.tsx';

type Action = 'retry' | 'discard';

export function DeadLetterPage() {
  const { number = '' } = useParams();
  const path = `/api/dead-letters/${encodeURIComponent(number)}`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<DeadLetter>(path, signal) });
  const letter = query.data;
  return (
    <article className="detail" aria-label="Dead letter">
      <h2>{letter ? letter.type : `Dead letter ${number}`}</h2>
      {query.isPending && <Loading />}
      {query.error && <Failure error={query.error} />}
      {letter && <Letter letter={letter} path={path} />}
      {!letter && !query.isPending && !query.error && <Empty title="It is gone." />}
    </article>
  );
}

function Letter({ letter, path }: { readonly letter: DeadLetter; readonly path: string }) {
  return (
    <>
      <p className="reason">{letter.reason}</p>
      <Actions letter={letter} path={path} />
      <Facts>
        <Fact name="Listener">
          <Service name={letter.service} />
        </Fact>
        <Fact name="Given up">
          <Clock at={letter.at} /> · <Age at={letter.at} />
        </Fact>
        <Fact name="Tries">
          {letter.deliveries}
          {letter.retries > 0 && `, after ${counted(letter.retries, 'retry', 'retries')}`}
        </Fact>
        <Fact name="Message">
          <Link to={eventPath(letter.stream, letter.seq)}>
            {letter.stream}, sequence {letter.seq}
          </Link>
        </Fact>
        <Fact name="Subject">
          <code>{letter.subject}</code>
        </Fact>
        <Fact name="Number">{letter.number}</Fact>
      </Facts>
      <Related orderId={letter.orderId} traceId={letter.traceId} logs={{ service: letter.service }} />
      <h3>Data</h3>
      {letter.data === undefined ? (
        <p className="muted">Too large to be kept.</p>
      ) : (
        <Json value={letter.data} label="Data" isOrder={letter.type.startsWith('order.')} />
      )}
      <h3>Stack</h3>
      {letter.stack ? <Json value={letter.stack} label="Stack" /> : <p className="muted">None.</p>}
      <h3>Headers</h3>
      <Headers headers={letter.headers} />
    </>
  );
}

function Actions({ letter, path }: { readonly letter: DeadLetter; readonly path: string }) {
  const [asked, setAsked] = useState<Action>();
  const [isBusy, setIsBusy] = useState(false);
  const [failed, setFailed] = useState<Error>();
  const { changed } = useOutletContext<{ changed(): Promise<unknown> }>();
  const { search } = useLocation();
  const navigate = useNavigate();
  const client = useQueryClient();

  async function act(action: Action): Promise<void> {
    setAsked(undefined);
    setIsBusy(true);
    setFailed(undefined);
    try {
      await post(`${path}/${action}`);
      const done =
        action === 'retry' ? `${letter.service} gets this ${letter.type} again.` : `This ${letter.type} was discarded.`;
      void navigate({ pathname: '/dead-letters', search }, { state: { done } });
      document.getElementById('main')?.focus();
      client.removeQueries({ queryKey: [path] });
      await changed();
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <>
      <div className="actions">
        <button type="button" className="primary" disabled={isBusy} onClick={() => setAsked('retry')}>
          Retry…
        </button>
        <button type="button" className="danger" disabled={isBusy} onClick={() => setAsked('discard')}>
          Discard…
        </button>
      </div>
      {failed && <Failure error={failed} />}
      {asked === 'retry' && (
        <Confirm
          title={`Hand it to ${letter.service} again?`}
          action="Retry"
          confirm={() => void act('retry')}
          close={() => setAsked(undefined)}
        >
          <p>
            {letter.service} gets the message once more. If it fails at every try again, it comes back as a new dead
            letter.
          </p>
        </Confirm>
      )}
      {asked === 'discard' && (
        <Confirm
          title="Discard it for good?"
          action="Discard"
          isDangerous
          confirm={() => void act('discard')}
          close={() => setAsked(undefined)}
        >
          <p>
            {letter.service} will never handle this {letter.type}. What should have followed from it does not happen.
          </p>
        </Confirm>
      )}
    </>
  );
}
