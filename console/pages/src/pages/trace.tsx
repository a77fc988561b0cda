import { Link, useParams } from 'react-router';
import type { Span, Trace } from '../../../src/api/traces.ts';
import { Refused } from '../lib/api.ts';
import { useParam, useThing } from '../lib/hooks.ts';
import { useTitle } from '../lib/shared.ts';
import { type Bar, waterfallOf } from '../lib/waterfall.ts';
import { counted, duration } from '../lib/words.ts';
import { Badge, hueOf, Service } from '../parts/badge.tsx';
import { Filters, SwitchFilter, TextFilter } from '../parts/filters.tsx';
import { Related } from '../parts/links.tsx';
import { Fact, Facts } from '../parts/panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { Age, Clock } from '../parts/time.tsx';
import { SpanDetail } from './span.tsx';

export function TracePage() {
  const { id = '' } = useParams();
  const query = useThing<Trace>(`/api/traces/${encodeURIComponent(id)}`, ['trace']);
  const spans = query.data?.spans ?? [];
  const isGone = query.error instanceof Refused && query.error.status === 404;
  const title = query.data?.root ?? 'Trace';
  useTitle(title);
  return (
    <>
      <Link className="back" to="/traces">
        ← All traces
      </Link>
      <h1>{title}</h1>
      {query.isPending && <Loading />}
      {isGone && <Empty title="No spans of it are kept." />}
      {query.error && !isGone && <Failure error={query.error} retry={() => void query.refetch()} />}
      {query.data && spans.length === 0 && <Empty title="No spans of it are kept any more." />}
      {spans.length > 0 && <Whole traceId={id} spans={spans} />}
    </>
  );
}

const orderOf = (spans: readonly Span[]): string | undefined =>
  spans
    .map(({ attributes }) => attributes['box_office.order.id'] ?? attributes['order.id'])
    .find((it) => typeof it === 'string');

function Whole({ traceId, spans }: { readonly traceId: string; readonly spans: readonly Span[] }) {
  const [q] = useParam('q');
  const [errors] = useParam('errors');
  const [chosen, choose] = useParam('span');
  const { bars, startMs, durationMs } = waterfallOf(spans);
  const wanted = q.toLowerCase();
  const shown = bars.filter(
    ({ span }) =>
      (!errors || span.status === 'error') && (!wanted || JSON.stringify(span).toLowerCase().includes(wanted)),
  );
  const failed = spans.filter(({ status }) => status === 'error').length;
  const at = new Date(startMs).toISOString();
  const opened = bars.find(({ span }) => span.spanId === chosen);
  const services = [...new Set(spans.map(({ service }) => service))];
  return (
    <>
      <Facts>
        <Fact name="Began">
          <Clock at={at} ms /> · <Age at={at} />
        </Fact>
        <Fact name="Took">{duration(durationMs)}</Fact>
        <Fact name="Spans">
          {counted(spans.length, 'span')} in {counted(services.length, 'service')}
        </Fact>
        <Fact name="Errors">{failed > 0 && <Badge tone="bad">{failed}</Badge>}</Fact>
        <Fact name="Trace">
          <code>{traceId}</code>
        </Fact>
      </Facts>
      <Related orderId={orderOf(spans)} logs={{ trace: traceId }} />
      <Filters names={['q', 'errors']}>
        <TextFilter name="q" label="Search spans" type="search" placeholder="Search names and attributes" />
        <SwitchFilter name="errors" label="Only errors" />
      </Filters>
      <div className={opened ? 'waterfall-and-span opened' : 'waterfall-and-span'}>
        <ol className="waterfall">
          <li className="scale" aria-hidden="true">
            <span />
            <span className="track">
              {[0, 0.25, 0.5, 0.75].map((part) => (
                <span key={part} style={{ left: `${part * 100}%` }}>
                  {part === 0 ? '0' : duration(durationMs * part)}
                </span>
              ))}
            </span>
          </li>
          {shown.map((bar) => (
            <BarLine
              key={bar.span.spanId}
              bar={bar}
              isOpen={bar.span.spanId === chosen}
              choose={() => choose(bar.span.spanId === chosen ? '' : bar.span.spanId)}
            />
          ))}
          {shown.length === 0 && (
            <li>
              <Empty title="No span matches." />
            </li>
          )}
        </ol>
        {opened && <SpanDetail bar={opened} close={() => choose('')} />}
      </div>
    </>
  );
}

/** Beside the bar where there is room, otherwise upon its end. */
function placeOfLabel({ left, width }: Bar) {
  if (left + width < 85) return { left: `${left + width}%` };
  return { right: left > 15 ? `${100 - left}%` : '0' };
}

function BarLine({ bar, isOpen, choose }: { readonly bar: Bar; readonly isOpen: boolean; choose(): void }) {
  const { span, depth, left, width } = bar;
  return (
    <li className={isOpen ? 'open' : undefined}>
      <button type="button" data-row aria-expanded={isOpen} onClick={choose}>
        <span className="span-name" style={{ paddingInlineStart: `${Math.min(depth, 12) * 0.75}rem` }}>
          <Service name={span.service} />
          <span className={span.status === 'error' ? 'bad-text' : undefined}>{span.name}</span>
          {span.status === 'error' && <span className="unseen"> failed</span>}
        </span>
        <span className="track">
          <span
            className={span.status === 'error' ? 'bar error' : 'bar'}
            style={{ left: `${left}%`, width: `${width}%`, background: hueOf(span.service) }}
          />
          <span className="took" style={placeOfLabel(bar)}>
            {duration(span.durationMs)}
          </span>
        </span>
      </button>
    </li>
  );
}
