import { type LogLine, reasonIn } from '../../../src/api/logs.ts';
import { useFilters, useList } from '../lib/hooks.ts';
import { useProcessNames, useSystem } from '../lib/shared.ts';
import { Badge, Service, type Tone } from '../parts/badge.tsx';
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx';
import { Json } from '../parts/json.tsx';
import { OrderLink, TraceLink } from '../parts/links.tsx';
import { ListPage } from '../parts/list-page.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Empty } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';

const tones: Readonly<Record<LogLine['level'], Tone>> = { debug: 'plain', info: 'plain', warn: 'warn', error: 'bad' };
const levels = [
  ['info', 'Info and above'],
  ['warn', 'Warnings and errors'],
  ['error', 'Errors'],
] as const;

const filters = ['q', 'service', 'level', 'trace', 'order'] as const;

export function LogsPage() {
  const { data: system } = useSystem();
  return system?.hasLogs === false ? <NoLogs /> : <Lines />;
}

/** Said plainly, because an empty list would look like silence. */
function NoLogs() {
  return (
    <>
      <PageHead title="Logs" about="In a cluster the console reads none." />
      <Empty title="The log lines are elsewhere.">
        VictoriaLogs keeps and finds them, where it is run (infra/k8s-setup/observability/logs). Otherwise ask
        Kubernetes:{' '}
        <code>
          kubectl --namespace box-office logs --selector app.kubernetes.io/component=service --prefix --tail=-1
          --since=1h
        </code>
      </Empty>
    </>
  );
}

function Lines() {
  const list = useList<LogLine>('/api/logs', useFilters(filters), ['log'], 100);
  return (
    <ListPage
      title="Logs"
      about="What every process writes, the newest at the top."
      filters={filters}
      fields={
        <>
          <TextFilter name="q" label="Search log lines" type="search" placeholder="Search everything" />
          <ChoiceFilter name="service" label="Process" all="All processes" options={useProcessNames()} />
          <ChoiceFilter name="level" label="Level" all="All levels" options={levels} />
          <TextFilter name="trace" label="Trace" placeholder="Trace id" />
          <TextFilter name="order" label="Order" placeholder="Order id" />
        </>
      }
      list={list}
      noMatch={{ title: 'No line matches.', hint: 'Clear a filter, or wait: lines that match show up here.' }}
      empty={<Empty title="No lines yet." />}
    >
      <ol className="logs">
        {keyed(list.items).map(([key, line]) => (
          <Line key={key} line={line} />
        ))}
      </ol>
    </ListPage>
  );
}

/** A process may write the same line twice within a millisecond. */
function keyed(lines: readonly LogLine[]): (readonly [key: string, line: LogLine])[] {
  const seen = new Map<string, number>();
  const pairs = lines.toReversed().map((line) => {
    const key = `${line.at} ${line.service} ${line.message}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return [`${key} ${times}`, line] as const;
  });
  return pairs.reverse();
}

/** Long, and of no use to who reads; they are there when the line is opened. */
const left = ['requestId', 'spanId'];

/** The short ones of the fields, on the line itself. */
function inBrief(fields: LogLine['fields']): string {
  const short = Object.entries(fields).filter(
    ([name, value]) =>
      !left.includes(name) && (typeof value === 'number' || typeof value === 'string') && `${value}`.length <= 60,
  );
  return short.map(([name, value]) => `${name}=${value}`).join(' ');
}

function Line({ line }: { readonly line: LogLine }) {
  const { at, service, level, message, traceId, orderId, fields } = line;
  const hasFields = Object.keys(fields).length > 0;
  const reason = reasonIn(fields);
  const head = (
    <>
      <Clock at={at} ms />
      <Service name={service} />
      <span className="level">
        {level === 'info' ? <span className="muted">info</span> : <Badge tone={tones[level]}>{level}</Badge>}
      </span>
      <span className="message">
        {message} {reason && <span className="reason">{reason} </span>}
        <span className="fields">{inBrief(fields)}</span>
      </span>
    </>
  );
  return (
    <li className={`log ${level}`}>
      {hasFields ? (
        <details>
          <summary data-row>{head}</summary>
          <Json value={fields} label="Fields" />
        </details>
      ) : (
        <span className="log-line">{head}</span>
      )}
      <span className="log-links">
        {orderId && (
          <>
            <span className="muted">order</span> <OrderLink id={orderId} />
          </>
        )}
        {traceId && (
          <>
            <span className="muted">trace</span> <TraceLink id={traceId} />
          </>
        )}
      </span>
    </li>
  );
}
