import { useOutlet, useParams } from 'react-router';
import type { Event } from '../../../src/api/events.ts';
import { useFilters, useList } from '../lib/hooks.ts';
import { useStreams } from '../lib/shared.ts';
import { bytes, short } from '../lib/words.ts';
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx';
import { eventPath, OrderLink } from '../parts/links.tsx';
import { ListPage, OpeningLink } from '../parts/list-page.tsx';
import { Split } from '../parts/split.tsx';
import { Empty } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';

const filters = ['q', 'stream', 'type', 'order', 'id'] as const;

export function EventsPage() {
  const list = useList<Event>('/api/events', useFilters(filters), ['event']);
  const streams = useStreams().data?.items.map(({ name }) => name) ?? [];
  const types = [...new Set(list.items.map((it) => it.type))].sort();
  return (
    <Split title="Events" back="/events" detail={useOutlet()}>
      <ListPage
        title="Events"
        about="What the services announce, as it passes through JetStream."
        filters={filters}
        fields={
          <>
            <TextFilter name="q" label="Search events" type="search" placeholder="Search everything" />
            <ChoiceFilter name="stream" label="Stream" all="All streams" options={streams} />
            <TextFilter name="type" label="Type" suggestions={types} />
            <TextFilter name="order" label="Order" placeholder="Order id" />
          </>
        }
        list={list}
        noMatch={{
          title: 'No event matches.',
          hint: 'Clear a filter, or wait: what arrives and matches is shown here.',
        }}
        empty={
          <Empty title="Nothing was announced yet.">Open the shop and list a ticket: its event shows up here.</Empty>
        }
      >
        <EventTable events={list.items} />
      </ListPage>
    </Split>
  );
}

/** The console reads one stream after the other, so what it lists is in order within each alone. */
const newestFirst = (one: Event, other: Event): number => Date.parse(other.at) - Date.parse(one.at);

function EventTable({ events }: { readonly events: readonly Event[] }) {
  const opened = useParams();
  return (
    <table className="list">
      <thead>
        <tr>
          <th>Time</th>
          <th>Type</th>
          <th className="wide">About</th>
          <th className="number">Version</th>
          <th className="wide">Order</th>
          <th className="number wide">Size</th>
          <th className="number wide">Sequence</th>
        </tr>
      </thead>
      <tbody>
        {events.toSorted(newestFirst).map((it) => {
          const isOpen = opened.stream === it.stream && opened.seq === `${it.seq}`;
          return (
            <tr key={`${it.stream} ${it.seq}`} className={isOpen ? 'open' : undefined}>
              <td>
                <Clock at={it.at} />
              </td>
              <td>
                <OpeningLink path={eventPath(it.stream, it.seq)} isOpen={isOpen}>
                  {it.type}
                </OpeningLink>
                <span className="narrow muted id">{short(it.id)}</span>
              </td>
              <td className="wide id" title={it.id}>
                {short(it.id)}
              </td>
              <td className="number">{it.version}</td>
              <td className="wide">{it.orderId && <OrderLink id={it.orderId} />}</td>
              <td className="number wide">{bytes(it.bytes)}</td>
              <td className="number wide muted" title={`${it.stream} ${it.seq}`}>
                {it.seq}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
