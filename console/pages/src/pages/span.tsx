import type { AttributeValue } from '../../../src/api/traces.ts';
import type { Bar } from '../lib/waterfall.ts';
import { duration } from '../lib/words.ts';
import { Badge, Service } from '../parts/badge.tsx';
import { OrderLink, TraceLink } from '../parts/links.tsx';
import { Fact, Facts } from '../parts/panel.tsx';

/** Everything that is known about one span. */
export function SpanDetail({ bar, close }: { readonly bar: Bar; close(): void }) {
  const { span, startsAfterMs } = bar;
  return (
    <article className="detail" aria-label="Span">
      <button type="button" className="back" onClick={close}>
        ✕<span className="unseen"> Close</span>
      </button>
      <h2>{span.name}</h2>
      {span.statusMessage && <p className="reason">{span.statusMessage}</p>}
      <Facts>
        <Fact name="Service">
          <Service name={span.service} />
        </Fact>
        <Fact name="Kind">{span.kind}</Fact>
        <Fact name="Status">{span.status === 'error' && <Badge tone="bad">error</Badge>}</Fact>
        <Fact name="Begins">after {duration(startsAfterMs)}</Fact>
        <Fact name="Took">{duration(span.durationMs)}</Fact>
        <Fact name="Span">
          <code>{span.spanId}</code>
        </Fact>
      </Facts>
      {Object.keys(span.attributes).length > 0 && <h3>Attributes</h3>}
      <Attributes attributes={span.attributes} />
      {span.events.length > 0 && <h3>Events</h3>}
      {span.events.map((event) => (
        <section key={`${event.at} ${event.name}`} className="span-event">
          <p>
            <strong>{event.name}</strong> <span className="muted">after {duration(event.at - span.at)}</span>
          </p>
          <Attributes attributes={event.attributes} />
        </section>
      ))}
      {span.links.length > 0 && <h3>Links</h3>}
      {span.links.map((link) => (
        <p key={link.spanId}>
          Trace <TraceLink id={link.traceId} />
        </p>
      ))}
    </article>
  );
}

function Attributes({ attributes }: { readonly attributes: Readonly<Record<string, AttributeValue>> }) {
  const entries = Object.entries(attributes).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return (
    <Facts isLong>
      {entries.map(([name, value]) => (
        <Fact key={name} name={name}>
          {name.endsWith('order.id') && typeof value === 'string' ? (
            <OrderLink id={value} />
          ) : (
            <code>{Array.isArray(value) ? value.join(', ') : String(value)}</code>
          )}
        </Fact>
      ))}
    </Facts>
  );
}
