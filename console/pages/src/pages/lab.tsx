import { useState } from 'react';
import { Link, useNavigate, useOutlet, useParams } from 'react-router';
import type { Lab, LabRun, Situation } from '../../../src/api/lab.ts';
import { post, Refused } from '../lib/api.ts';
import { useThing } from '../lib/hooks.ts';
import { Badge } from '../parts/badge.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Split } from '../parts/split.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';

/** What the page of one situation gets from the list. */
export interface LabContext {
  readonly lab: Lab | undefined;
  /** Whether any situation is being made. */
  readonly isBusy: boolean;
  /** Why the last one that was asked for did not begin. */
  readonly failed: Error | undefined;
  start(name: string): Promise<void>;
}

export const runOf = ({ runs }: Lab, name: string): LabRun | undefined => runs.find((it) => it.name === name);

export function LabPage() {
  const query = useThing<Lab>('/api/lab', ['lab'], { ages: isMaking });
  const [failed, setFailed] = useState<Error>();
  const [asked, setAsked] = useState(false);
  const navigate = useNavigate();
  const lab = query.data;
  const isAbsent = query.error instanceof Refused && query.error.status === 404;
  const isBusy = asked || (lab !== undefined && isMaking(lab));

  async function start(name: string): Promise<void> {
    setFailed(undefined);
    setAsked(true);
    void navigate(`/lab/${name}`);
    try {
      await post(`/api/lab/${name}`);
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)));
    }
    await query.refetch();
    setAsked(false);
  }

  const context: LabContext = { lab, isBusy, failed, start };
  const outlet = useOutlet(context);
  return (
    <Split title="Failure lab" back="/lab" detail={!isAbsent && outlet}>
      <PageHead
        title="Failure lab"
        about="Ten things that event-driven code gets wrong. Each is made here for real, with an order of its own, and then checked."
      />
      {query.isPending && <Loading rows={10} />}
      {isAbsent && (
        <Empty title="There is no lab here.">
          It is part of <code>npm start</code>, with the sandbox in the place of Stripe.
        </Empty>
      )}
      {query.error && !isAbsent && <Failure error={query.error} retry={() => void query.refetch()} />}
      {lab && (
        <ul className="situations">
          {lab.situations.map((it) => (
            <SituationRow
              key={it.name}
              situation={it}
              run={runOf(lab, it.name)}
              isBusy={isBusy}
              start={() => void start(it.name)}
            />
          ))}
        </ul>
      )}
    </Split>
  );
}

const isMaking = ({ runs }: Lab): boolean => runs.some(({ result }) => !result);

interface RowProps {
  readonly situation: Situation;
  readonly run: LabRun | undefined;
  readonly isBusy: boolean;
  start(): void;
}

function SituationRow({ situation, run, isBusy, start }: RowProps) {
  const { name, title, teaches } = situation;
  const isOpen = useParams().name === name;
  return (
    <li className={isOpen ? 'situation open' : 'situation'}>
      <div>
        <Link data-row className="strong" aria-current={isOpen || undefined} to={`/lab/${name}`}>
          {title}
        </Link>
        <span className="second muted">{teaches}</span>
      </div>
      <span className="outcome">{run && <Outcome run={run} />}</span>
      <button type="button" aria-label={`Run: ${title}`} aria-disabled={isBusy} onClick={isBusy ? undefined : start}>
        Run
      </button>
    </li>
  );
}

export function Outcome({ run: { lines, result } }: { readonly run: LabRun }) {
  if (!result) return <Badge tone="info">running…</Badge>;
  // A check that fails may make the rest impossible; then it was made all the same.
  if (result.failed && !lines.some((it) => it.kind === 'check' && !it.ok)) return <Badge tone="warn">not made</Badge>;
  return result.ok ? <Badge tone="good">as it should be</Badge> : <Badge tone="bad">not as it should be</Badge>;
}
