import { Link } from 'react-router';
import type { TraceLine } from '../../../src/api/traces.ts';
import { useFilters, useList } from '../lib/hooks.ts';
import { useServiceNames } from '../lib/shared.ts';
import { count, duration } from '../lib/words.ts';
import { Badge, hueOf } from '../parts/badge.tsx';
import { ChoiceFilter, SwitchFilter, TextFilter } from '../parts/filters.tsx';
import { OrderLink, tracePath } from '../parts/links.tsx';
import { ListPage } from '../parts/list-page.tsx';
import { Empty } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';

const filters = ['q', 'service', 'order', 'minMs', 'errors'] as const;

export function TracesPage() {
  const list = useList<TraceLine>('/api/traces', useFilters(filters), ['trace']);
  return (
    <ListPage
      title="Traces"
      about="What a request set off, in all services, until the last copy is written. Each step of it is a span."
      filters={filters}
      fields={
        <>
          <TextFilter name="q" label="Search traces" type="search" placeholder="Search names, attributes, ids" />
          <ChoiceFilter name="service" label="Service" all="All services" options={useServiceNames()} />
          <TextFilter name="minMs" label="At least so many milliseconds" placeholder="At least … ms" type="number" />
          <TextFilter name="order" label="Order" placeholder="Order id" />
          <SwitchFilter name="errors" label="Only with errors" />
        </>
      }
      list={list}
      noMatch={{ title: 'No trace matches.' }}
      empty={
        <Empty title="No traces yet.">
          Use the shop: every request leaves one. Other programs send theirs to <code>/v1/traces</code> (OTLP over
          HTTP).
        </Empty>
      }
    >
      <TraceTable traces={list.items} />
    </ListPage>
  );
}

function TraceTable({ traces }: { readonly traces: readonly TraceLine[] }) {
  const longest = Math.max(1, ...traces.map(({ durationMs }) => durationMs));
  return (
    <table className="list">
      <thead>
        <tr>
          <th>Time</th>
          <th>Trace</th>
          <th className="wide">Services</th>
          <th className="wide">Order</th>
          <th className="number wide">Spans</th>
          <th className="number">Took</th>
        </tr>
      </thead>
      <tbody>
        {traces.map((it) => (
          <tr key={it.traceId}>
            <td>
              <Clock at={it.at} />
            </td>
            <td>
              <Link data-row className="main" to={tracePath(it.traceId)} title={it.traceId}>
                {it.root}
              </Link>{' '}
              {it.errors > 0 && <Badge tone="bad">{it.errors === 1 ? '1 error' : `${it.errors} errors`}</Badge>}
            </td>
            <td className="wide">
              <span className="swatches" title={it.services.join(', ')}>
                {it.services.map((name) => (
                  <span key={name} className="swatch" style={{ background: hueOf(name) }} />
                ))}
                <span className="muted">{it.services.slice(0, 3).join(', ')}</span>
                {it.services.length > 3 && <span className="muted"> and {it.services.length - 3} more</span>}
              </span>
            </td>
            <td className="wide">{it.orderId && <OrderLink id={it.orderId} />}</td>
            <td className="number wide">{count(it.spans)}</td>
            <td className="number took">
              {duration(it.durationMs)}
              <span className="length" style={{ width: `${Math.max(1, (it.durationMs / longest) * 100)}%` }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
