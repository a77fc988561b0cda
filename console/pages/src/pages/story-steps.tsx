import { Link } from 'react-router';
import type { Step } from '../../../src/api/story.ts';
import { useParam } from '../lib/hooks.ts';
import { actorsOf, lanesOf, type Moment, momentsOf } from '../lib/timeline.ts';
import { duration, listed } from '../lib/words.ts';
import { hueOf, Service } from '../parts/badge.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../parts/filters.tsx';
import { eventPath, letterPath, tracePath } from '../parts/links.tsx';
import { Panel } from '../parts/panel.tsx';
import { Empty } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';

const kinds: Readonly<Record<Step['kind'], string>> = {
  request: 'request',
  event: 'event',
  delivery: 'delivery',
  change: 'change',
  stripe: 'Stripe',
  webhook: 'webhook',
  timer: 'timer',
  mail: 'mail',
  warning: 'warning',
  'dead-letter': 'dead letter',
};

/** What happened to an order, downwards, with a lane for everybody who took part. */
export function TimeLine({ steps }: { readonly steps: readonly Step[] }) {
  const [q] = useParam('q');
  const [kind] = useParam('kind');
  const [who] = useParam('who');
  const wanted = q.toLowerCase();
  const matches = ({ step }: Moment) =>
    (!kind || step.kind === kind) &&
    (!who || actorsOf(step).includes(who)) &&
    (!wanted || JSON.stringify(Object.values(step)).toLowerCase().includes(wanted));
  const lanes = lanesOf(steps);
  const moments = momentsOf(steps).filter(matches);
  const used = [...new Set(steps.map((it) => it.kind))];
  return (
    <Panel
      title="What happened"
      className="timeline"
      aside={
        <Filters names={['q', 'kind', 'who']}>
          <TextFilter name="q" label="Search steps" type="search" />
          <ChoiceFilter name="kind" label="Kind" all="All kinds" options={used.map((it) => [it, kinds[it]] as const)} />
          <ChoiceFilter name="who" label="Who" all="Everybody" options={lanes} />
        </Filters>
      }
    >
      {moments.length === 0 && (
        <Empty title={steps.length === 0 ? 'Nothing is known about it yet.' : 'No step matches.'} />
      )}
      <ol>
        {moments.map((moment) => (
          <StepLine key={keyOf(moment.step)} moment={moment} lanes={lanes} />
        ))}
      </ol>
    </Panel>
  );
}

/** Stripe tells whole seconds. */
const isRounded = ({ kind }: Step): boolean => kind === 'stripe' || kind === 'webhook';

const keyOf = ({ at, who, kind, what, version }: Step): string => [at, who, kind, what, version].join();

function StepLine({ moment, lanes }: { readonly moment: Moment; readonly lanes: readonly string[] }) {
  const { step, afterMs, isAfterGap, isNewTrace } = moment;
  const actors = actorsOf(step);
  const state = step.waiting ? 'waiting' : step.ok === false ? 'bad' : step.ok ? 'good' : '';
  return (
    <>
      {isAfterGap && (
        <li className="gap">
          <Lanes lanes={lanes} />
          <span>{duration(afterMs)} later</span>
        </li>
      )}
      <li className={`step ${state}`}>
        <Lanes lanes={lanes} actors={actors} isWaiting={step.waiting ?? false} />
        <span className="when">
          {step.waiting ? <span className="warn-text">waits</span> : <Clock at={step.at} ms={!isRounded(step)} />}
        </span>
        <span className="muted delta">{!step.waiting && !isAfterGap && afterMs > 0 && `+${duration(afterMs)}`}</span>
        <span className="who">{actors.length === 1 ? <Service name={step.who} /> : `${actors.length} services`}</span>
        <span className="what">
          {step.what}
          {actors.length > 1 && <span className="muted"> {listed(actors)}</span>}
          {step.version !== undefined && <span className="version">version {step.version}</span>}
          {step.ok === false && <span className="unseen"> (failed)</span>}
          <StepLinks step={step} isNewTrace={isNewTrace} />
        </span>
        <span className="kind">{kinds[step.kind]}</span>
      </li>
    </>
  );
}

function StepLinks({ step, isNewTrace }: { readonly step: Step; readonly isNewTrace: boolean }) {
  const { event, deadLetter } = step;
  const traceId = isNewTrace ? step.traceId : undefined;
  if (!event && !traceId && deadLetter === undefined) return null;
  return (
    <span className="step-links">
      {event && (
        <Link data-row to={eventPath(event.stream, event.seq)} title={`${event.stream}, sequence ${event.seq}`}>
          event {event.seq}
        </Link>
      )}
      {deadLetter !== undefined && <Link to={letterPath(deadLetter)}>dead letter {deadLetter}</Link>}
      {traceId && (
        <Link to={tracePath(traceId)} title={traceId}>
          trace
        </Link>
      )}
    </span>
  );
}

interface LanesProps {
  readonly lanes: readonly string[];
  readonly actors?: readonly string[];
  readonly isWaiting?: boolean;
}

/** Who acts is said beside it in words; the lanes show the same at a glance. */
function Lanes({ lanes, actors = [], isWaiting = false }: LanesProps) {
  return (
    <span className="lanes" aria-hidden="true">
      {lanes.map((lane) => (
        <span key={lane} className="lane" title={lane}>
          {actors.includes(lane) && (
            <span className={isWaiting ? 'mark open' : 'mark'} style={{ color: hueOf(lane) }} />
          )}
        </span>
      ))}
    </span>
  );
}
