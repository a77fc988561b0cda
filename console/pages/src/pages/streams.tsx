import { Link } from 'react-router';
import type { Consumer, Stream } from '../../../src/api/streams.ts';
import { withParams } from '../lib/api.ts';
import { useParam } from '../lib/hooks.ts';
import { useStreams } from '../lib/shared.ts';
import { bytes, count, counted, duration } from '../lib/words.ts';
import { Badge, Dot, Service } from '../parts/badge.tsx';
import { Filters, SwitchFilter, TextFilter } from '../parts/filters.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { Age } from '../parts/time.tsx';

const kinds: Readonly<Record<Stream['kind'], string>> = {
  log: 'events',
  queue: 'queue',
  timers: 'timers',
  'dead-letters': 'dead letters',
  retries: 'retries',
};

/** Younger messages are on their way; older ones wait for somebody. */
const lateMs = 10_000;

export const isLate = ({ lagMs = 0 }: Consumer): boolean => lagMs > lateMs;

export function StreamsPage() {
  const streams = useStreams();
  const [q] = useParam('q');
  const [behind] = useParam('behind');
  const wanted = q.toLowerCase();
  const shown = streams.data?.items.filter(
    (stream) =>
      JSON.stringify([stream.name, stream.subjects, stream.consumers.map(({ name }) => name)])
        .toLowerCase()
        .includes(wanted) &&
      (!behind || stream.consumers.some((it) => it.waiting + it.delivered > 0)),
  );
  return (
    <>
      <PageHead
        title="Streams"
        about="What JetStream keeps, who reads it, and how far behind each reader is: its lag is the age of the oldest message that it has not handled."
      >
        <Filters names={['q', 'behind']}>
          <TextFilter name="q" label="Search streams and consumers" type="search" />
          <SwitchFilter name="behind" label="Only with something to do" />
        </Filters>
      </PageHead>
      {streams.isPending && <Loading />}
      {streams.error && <Failure error={streams.error} retry={() => void streams.refetch()} />}
      {shown?.length === 0 &&
        (q || behind ? (
          <Empty title="No stream matches." />
        ) : (
          <Empty title="There are no streams yet.">They are made when the first service starts.</Empty>
        ))}
      {shown?.map((stream) => (
        <StreamPanel key={stream.name} stream={stream} />
      ))}
    </>
  );
}

function StreamPanel({ stream }: { readonly stream: Stream }) {
  return (
    <section className="panel stream" aria-label={stream.name}>
      <header>
        <h2>
          <Link data-row to={withParams('/events', { stream: stream.name })} title="Its messages">
            {stream.name}
          </Link>
        </h2>
        <Badge>{kinds[stream.kind]}</Badge>
        <span className="muted">
          {counted(stream.messages, 'message')} · {bytes(stream.bytes)}
          {stream.messages > 0 && ` · ${count(stream.firstSeq)} to ${count(stream.lastSeq)}`}
          {stream.lastAt && (
            <>
              {' · newest '}
              <Age at={stream.lastAt} />
            </>
          )}
        </span>
        <code className="subjects">{stream.subjects.join('  ')}</code>
      </header>
      {stream.consumers.length === 0 ? (
        <p className="muted">Nobody reads it.</p>
      ) : (
        <table className="plain">
          <thead>
            <tr>
              <th>Consumer</th>
              <th className="wide">Handled</th>
              <th className="number">Waiting</th>
              <th className="number">In work</th>
              <th className="number wide">Redelivered</th>
              <th className="number">Lag</th>
            </tr>
          </thead>
          <tbody>
            {stream.consumers.map((consumer) => (
              <ConsumerRow key={consumer.name} consumer={consumer} lastSeq={stream.lastSeq} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function ConsumerRow({ consumer, lastSeq }: { readonly consumer: Consumer; readonly lastSeq: number }) {
  const { name, handledUpTo, waiting, delivered, redelivered, lagMs, connected } = consumer;
  const open = waiting + delivered;
  return (
    <tr className={isLate(consumer) ? 'late' : undefined}>
      <td>
        <Dot tone={connected ? 'good' : 'bad'} label={connected ? 'connected' : 'not connected'} />
        <Link to={withParams('/logs', { service: name })} title="Its log lines">
          <Service name={name} />
        </Link>
        {!connected && <span className="warn-text"> not connected</span>}
      </td>
      <td className="wide">
        <meter
          min={0}
          max={Math.max(lastSeq, 1)}
          value={open === 0 ? Math.max(lastSeq, 1) : handledUpTo}
          aria-label={`${name} has handled`}
          title={`Everything up to sequence ${handledUpTo} of ${lastSeq}`}
        />
      </td>
      <td className="number">{count(waiting)}</td>
      <td className="number">{count(delivered)}</td>
      <td className="number wide">{redelivered > 0 ? <Badge tone="warn">{count(redelivered)}</Badge> : 0}</td>
      <td className="number">{lagMs === undefined ? <span className="muted">none</span> : duration(lagMs)}</td>
    </tr>
  );
}
