import { Link } from 'react-router';
import type { OrderLine } from '../../../src/api/story.ts';
import type { Process, System } from '../../../src/api/system.ts';
import { useList } from '../lib/hooks.ts';
import { useDeadLetterCount, useNewestLetters, useStreams, useSystem } from '../lib/shared.ts';
import { bytes, count, counted, duration, listed } from '../lib/words.ts';
import { Badge, Dot, Service } from '../parts/badge.tsx';
import { Chart } from '../parts/chart.tsx';
import { FaultsNotice } from '../parts/faults-notice.tsx';
import { letterPath, logsPath } from '../parts/links.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { Age } from '../parts/time.tsx';
import { useMetrics } from './metrics.tsx';
import { NoOrders, OrderTable } from './orders.tsx';
import { isLate } from './streams.tsx';

export function OverviewPage() {
  const system = useSystem();
  const orders = useList<OrderLine>('/api/orders', {}, ['order'], 8);
  return (
    <>
      <PageHead title="Overview" />
      {system.error && <Failure error={system.error} retry={() => void system.refetch()} />}
      <State system={system.data} orders={orders.items} />
      <FaultsNotice />
      <div className="overview">
        <div>
          <Panel title="Recent orders" to="/orders" className="orders">
            {orders.isLoading ? (
              <Loading rows={8} />
            ) : orders.items.length > 0 ? (
              <OrderTable orders={orders.items} />
            ) : orders.error ? (
              <Failure error={orders.error} />
            ) : (
              <NoOrders />
            )}
          </Panel>
          <Lag />
        </div>
        <div>
          <DeadLetters />
          <Processes system={system.data} />
        </div>
        <SmallCharts />
      </div>
    </>
  );
}

/** Whether something needs a human, in one line. */
function State({ system, orders }: { readonly system: System | undefined; readonly orders: readonly OrderLine[] }) {
  const letters = useDeadLetterCount();
  const streams = useStreams();
  const down = system?.processes.filter(({ ready }) => !ready).map(({ name }) => name) ?? [];
  const waiting = orders.filter(({ waitsFor }) => waitsFor).length;
  const late = streams.data?.items.flatMap(({ consumers }) => consumers).filter(isLate) ?? [];
  const troubles = [
    down.length > 0 && { key: 'down', text: `${listed(down)} ${down.length === 1 ? 'is' : 'are'} not ready` },
    letters !== '0' && {
      key: 'letters',
      text: `${letters} dead ${letters === '1' ? 'letter' : 'letters'}`,
      to: '/dead-letters',
    },
    late.length > 0 && { key: 'late', text: `${counted(late.length, 'consumer')} behind`, to: '/streams?behind=true' },
    waiting > 0 && { key: 'orders', text: `${counted(waiting, 'recent order')} waiting`, to: '/orders' },
  ].filter((it) => it !== false);
  if (!system) return <p className="state">…</p>;
  return (
    <p className="state">
      <Dot tone={down.length > 0 || letters !== '0' ? 'bad' : late.length > 0 ? 'warn' : 'good'} />
      {troubles.length === 0 ? 'Every process is up, and nothing waits.' : down.length === 0 && 'Every process is up. '}
      {troubles.map(({ key, text, to }) => (
        <span key={key} className="trouble">
          {to ? <Link to={to}>{text}</Link> : text}
        </span>
      ))}
    </p>
  );
}

function Processes({ system }: { readonly system: System | undefined }) {
  return (
    <Panel title="Processes">
      {!system && <Loading rows={12} />}
      {system && (
        <table className="plain">
          <thead>
            <tr>
              <th>Process</th>
              <th className="number">Memory</th>
              <th className="number">Up for</th>
            </tr>
          </thead>
          <tbody>
            {system.processes.map((it) => (
              <ProcessRow key={it.name} process={it} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function ProcessRow({ process }: { readonly process: Process }) {
  const { name, ready, waitsFor, rssBytes, startedAt, restarts, pid } = process;
  return (
    <tr>
      <td>
        <Dot tone={ready ? 'good' : 'bad'} label={ready ? 'ready' : 'not ready'} />
        <Link to={logsPath({ service: name })} title={`Its log lines${pid ? `; process ${pid}` : ''}`}>
          <Service name={name} />
        </Link>
        {restarts > 0 && (
          <>
            {' '}
            <Badge tone="warn">{counted(restarts, 'restart')}</Badge>
          </>
        )}
        {waitsFor.map((it) => (
          <span key={it} className="second warn-text">
            {it}
          </span>
        ))}
        {!ready && waitsFor.length === 0 && <span className="second bad-text">not ready</span>}
      </td>
      <td className="number">{rssBytes !== undefined && bytes(rssBytes)}</td>
      <td className="number">{startedAt && <Age at={startedAt} bare />}</td>
    </tr>
  );
}

function DeadLetters() {
  const { data, isPending } = useNewestLetters();
  const letters = data?.items.slice(0, 4) ?? [];
  const number = useDeadLetterCount();
  return (
    <Panel title="Dead letters" to="/dead-letters" aside={number !== '0' && <Badge tone="bad">{number}</Badge>}>
      {isPending && <Loading rows={2} />}
      {data && letters.length === 0 && <Empty title="None: every message was handled." />}
      <ul className="lines">
        {letters.map((it) => (
          <li key={it.number}>
            <Link data-row to={letterPath(it.number)}>
              {it.type}
            </Link>{' '}
            <span className="muted">at</span> <Service name={it.service} /> <Age at={it.at} />
            <span className="second bad-text clip">{it.reason}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Lag() {
  const { data, error } = useStreams();
  return (
    <Panel title="Streams" to="/streams">
      {error && <Failure error={error} />}
      {!data && !error && <Loading rows={5} />}
      {data && (
        <table className="plain">
          <thead>
            <tr>
              <th>Stream</th>
              <th className="number">Messages</th>
              <th className="number">Waiting</th>
              <th className="number">Lag</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ name, messages, consumers }) => {
              const waiting = consumers.reduce((sum, it) => sum + it.waiting + it.delivered, 0);
              const lag = Math.max(0, ...consumers.map(({ lagMs = 0 }) => lagMs));
              return (
                <tr key={name} className={consumers.some(isLate) ? 'late' : undefined}>
                  <td>
                    <Link to={`/events?stream=${encodeURIComponent(name)}`}>{name}</Link>
                  </td>
                  <td className="number">{count(messages)}</td>
                  <td className="number">{count(waiting)}</td>
                  <td className="number">{lag > 0 ? duration(lag) : <span className="muted">none</span>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Those that tell most at a glance: the first of each group. */
function SmallCharts() {
  const { data } = useMetrics();
  const charts = (['sales', 'requests', 'events', 'processes'] as const).flatMap((group) =>
    (data?.items ?? []).filter((it) => it.group === group).slice(0, 1),
  );
  return (
    <Panel title="The last hour" to="/metrics" className="last-hour">
      {!data && <Loading rows={4} />}
      {data && charts.length === 0 && <Empty title="Nothing was measured yet." />}
      <div className="charts">
        {charts.map((it) => (
          <Chart key={it.name} chart={it} isSmall />
        ))}
      </div>
    </Panel>
  );
}
