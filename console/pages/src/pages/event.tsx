import { Link, useParams } from 'react-router';
import type { WholeEvent } from '../../../src/api/events.ts';
import { withParams } from '../lib/api.ts';
import { useThing } from '../lib/hooks.ts';
import { bytes } from '../lib/words.ts';
import { Json } from '../parts/json.tsx';
import { letterPath, Related } from '../parts/links.tsx';
import { Fact, Facts } from '../parts/panel.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import { Age, Clock } from '../parts/time.tsx';

const topics = ['dead-letter', 'dead-letter-gone'] as const;

export function EventPage() {
  const { stream = '', seq = '' } = useParams();
  const query = useThing<WholeEvent>(`/api/events/${encodeURIComponent(stream)}/${encodeURIComponent(seq)}`, topics);
  const event = query.data;
  return (
    <article className="detail" aria-label="Event">
      <h2>{event?.type ?? `Message ${seq} of ${stream}`}</h2>
      {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      {event && (
        <>
          <Facts>
            <Fact name="Announced">
              <Clock at={event.at} ms /> · <Age at={event.at} />
            </Fact>
            <Fact name="About">
              <Link className="id" to={withParams('/events', { id: event.id })}>
                {event.id}
              </Link>
            </Fact>
            <Fact name="Version">{event.version}</Fact>
            <Fact name="Place">
              {event.stream}, sequence {event.seq}
            </Fact>
            <Fact name="Subject">
              <code>{event.subject}</code>
            </Fact>
            <Fact name="Size">{bytes(event.bytes)}</Fact>
            <Fact name={event.deadLetters.length === 1 ? 'Dead letter' : 'Dead letters'}>
              {event.deadLetters.length > 0 &&
                event.deadLetters.map(({ number, service }) => (
                  <Link key={number} className="block" to={letterPath(number)}>
                    {number}, of {service}
                  </Link>
                ))}
            </Fact>
          </Facts>
          <Related orderId={event.orderId} traceId={event.traceId} />
          <h3>Data</h3>
          <Json value={event.data} label="Data" isOrder={event.type.startsWith('order.')} />
          <h3>Headers</h3>
          <Headers headers={event.headers} />
        </>
      )}
    </article>
  );
}

export function Headers({ headers }: { readonly headers: WholeEvent['headers'] }) {
  const entries = Object.entries(headers);
  if (entries.length === 0) return <p className="muted">None.</p>;
  return (
    <Facts>
      {entries.map(([name, values]) => (
        <Fact key={name} name={name}>
          <code>{values.join(', ')}</code>
        </Fact>
      ))}
    </Facts>
  );
}
