import { Link, useOutletContext, useParams } from 'react-router';
import type { LabCheck, LabRun, LabStep, Situation } from '../../../src/api/lab.ts';
import { useNow } from '../lib/hooks.ts';
import { useTitle } from '../lib/shared.ts';
import { counted, duration, span } from '../lib/words.ts';
import { storyPath } from '../parts/links.tsx';
import { Fact, Facts } from '../parts/panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';
import { type LabContext, Outcome, runOf } from './lab.tsx';

export function SituationPage() {
  const { name = '' } = useParams();
  const { lab, ...context } = useOutletContext<LabContext>();
  const situation = lab?.situations.find((it) => it.name === name);
  useTitle(situation?.title ?? 'Failure lab');
  return (
    <article className="detail" aria-label="Situation">
      <h2>{situation?.title ?? name}</h2>
      {!lab && <Loading />}
      {lab && !situation && <Empty title="There is no such situation." />}
      {lab && situation && <Whole situation={situation} run={runOf(lab, name)} {...context} />}
    </article>
  );
}

interface WholeProps extends Omit<LabContext, 'lab'> {
  readonly situation: Situation;
  readonly run: LabRun | undefined;
}

function Whole({ situation, run, isBusy, failed, start }: WholeProps) {
  const { name, teaches, should, courseStyle } = situation;
  const command = `npm run lab -- ${name}`;
  return (
    <>
      <p>{teaches}</p>
      <Facts>
        <Fact name="What should happen">{should}</Fact>
        <Fact name="What the usual code does">{courseStyle}</Fact>
        <Fact name="As a command">
          <code>{command}</code>
        </Fact>
        <Fact name="To read on">
          <a href={`/docs/lab.md#:~:text=${encodeURIComponent(command).replaceAll('-', '%2D')}`}>docs/lab.md</a>
        </Fact>
      </Facts>
      <div className="actions">
        <button
          type="button"
          className="primary"
          aria-disabled={isBusy}
          onClick={isBusy ? undefined : () => void start(name)}
        >
          {run ? 'Run it again' : 'Run it'}
        </button>
        {run && <Outcome run={run} />}
        {run && <Took run={run} />}
      </div>
      {failed && <Failure error={failed} />}
      <div className="run" role="log" aria-label="What happens" aria-live="polite">
        <ol>
          {run?.lines.map((line) => (
            <Line key={`${line.kind} ${line.at} ${line.text}`} line={line} />
          ))}
        </ol>
        {run && <Ending run={run} />}
      </div>
    </>
  );
}

function Took({ run: { at, result } }: { readonly run: LabRun }) {
  const now = useNow();
  if (result) return <span className="muted">in {duration(result.seconds * 1_000)}</span>;
  return <span className="muted">for {span(Math.max(0, now - Date.parse(at)))}</span>;
}

function Line({ line }: { readonly line: LabStep | LabCheck }) {
  if (line.kind === 'step')
    return (
      <li className="lab-line">
        <Clock at={line.at} />
        <span>{line.text}</span>
      </li>
    );
  return (
    <li className={line.ok ? 'lab-line check good' : 'lab-line check bad'}>
      <span className="tick">
        <span aria-hidden="true">{line.ok ? '✓' : '✗'}</span>
        <span className="unseen">{line.ok ? 'As it should be: ' : 'Not as it should be: '}</span>
      </span>
      <span>
        {line.text}
        <span className="second muted">{line.seen}</span>
      </span>
    </li>
  );
}

/** How it ended, and where to see what it did. */
function Ending({ run: { lines, result } }: { readonly run: LabRun }) {
  if (!result) return null;
  const checks = lines.filter((it) => it.kind === 'check');
  const held = checks.filter(({ ok }) => ok).length;
  return (
    <>
      {result.failed && (
        <p className="reason">
          {held === checks.length ? 'The situation could not be made: ' : 'It could not go on: '}
          {result.failed}
        </p>
      )}
      {(!result.failed || held < checks.length) && (
        <p>
          {held === checks.length
            ? `${counted(held, 'check')}, and all hold.`
            : `${checks.length - held} of ${counted(checks.length, 'check')} failed.`}
        </p>
      )}
      {result.orderId && (
        <nav className="related" aria-label="Related">
          <Link to={storyPath(result.orderId)}>Story of the order</Link>
        </nav>
      )}
    </>
  );
}
