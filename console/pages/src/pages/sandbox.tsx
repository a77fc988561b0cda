import { useState } from 'react';
import type { Sandbox, SandboxFaults } from '../../../src/api/sandbox.ts';
import { post, Refused } from '../lib/api.ts';
import { isOn, switches, turned } from '../lib/faults.ts';
import { useThing } from '../lib/hooks.ts';
import { count } from '../lib/words.ts';
import { Json } from '../parts/json.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Fact, Facts, Panel } from '../parts/panel.tsx';
import { Empty, Failure, Loading } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';
import { Payments } from './sandbox-payments.tsx';
import { Undelivered } from './sandbox-webhooks.tsx';

export function SandboxPage() {
  const query = useThing<Sandbox>('/api/sandbox', ['event', 'order', 'log']);
  const [failed, setFailed] = useState<Error>();
  const sandbox = query.data;
  const isAbsent = query.error instanceof Refused && query.error.status === 404;

  async function act(path: string, body: unknown): Promise<void> {
    setFailed(undefined);
    try {
      await post(path, body);
    } catch (error) {
      setFailed(error instanceof Error ? error : new Error(String(error)));
    }
    await query.refetch();
  }

  return (
    <>
      <PageHead
        title="Sandbox"
        about="What stands in for Stripe: its payments, its webhooks, and what it is told to do wrong."
      />
      {query.isPending && <Loading />}
      {isAbsent && (
        <Empty title="There is no sandbox here.">
          Payments go to the real Stripe, or this console runs in a cluster.
        </Empty>
      )}
      {query.error && !isAbsent && <Failure error={query.error} retry={() => void query.refetch()} />}
      {failed && <Failure error={failed} />}
      {sandbox && (
        <div className="sandbox">
          <FaultSwitches faults={sandbox.faults} set={(faults) => act('/api/sandbox/faults', faults)} />
          <div>
            <Undelivered
              webhooks={sandbox.webhooks}
              redeliver={(eventId) => act('/api/sandbox/redeliver', eventId ? { eventId } : {})}
            />
            <ClockPanel sandbox={sandbox} advance={(advanceMs) => act('/api/sandbox/clock', { advanceMs })} />
          </div>
          <Payments payments={sandbox.payments} />
        </div>
      )}
    </>
  );
}

interface FaultSwitchesProps {
  readonly faults: SandboxFaults;
  set(faults: SandboxFaults): Promise<void>;
}

function FaultSwitches({ faults, set }: FaultSwitchesProps) {
  /** What was chosen last, until the sandbox has said what is on. */
  const [chosen, setChosen] = useState<SandboxFaults>();
  const shown = chosen ?? faults;

  async function change(wanted: SandboxFaults): Promise<void> {
    setChosen(wanted);
    await set(wanted).finally(() => setChosen(undefined));
  }

  return (
    <Panel
      title="Faults"
      aside={
        <button type="button" className="quiet" onClick={() => void change({})}>
          All off
        </button>
      }
    >
      <fieldset className="switches">
        <legend className="unseen">What the sandbox does wrong</legend>
        {switches.map((it) => (
          <label key={it.id} className="switch-row">
            <input
              type="checkbox"
              checked={isOn(it, shown)}
              onChange={(event) => void change(turned(it, shown, event.target.checked))}
            />
            <span>
              {it.name}
              <span className="second muted">{it.what}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <details>
        <summary>Everything it is told</summary>
        <Json value={faults} label="Faults" />
      </details>
    </Panel>
  );
}

const steps = [
  ['15 min', 15 * 60_000],
  ['1 day', 24 * 60 * 60_000],
  ['7 days', 7 * 24 * 60 * 60_000],
] as const;

function ClockPanel({ sandbox, advance }: { readonly sandbox: Sandbox; advance(ms: number): Promise<void> }) {
  return (
    <Panel title="Its clock">
      <Facts>
        <Fact name="Now">
          <Clock at={sandbox.now} />
        </Fact>
        <Fact name="Requests">{count(sandbox.requests)}</Fact>
        <Fact name="Webhooks">
          {count(sandbox.webhooks.sent)} sent, {count(sandbox.webhooks.delivered)} delivered
        </Fact>
        <Fact name="Failed tries">{sandbox.webhooks.failedTries > 0 && count(sandbox.webhooks.failedTries)}</Fact>
        <Fact name="Last failure">{sandbox.webhooks.lastFailure}</Fact>
      </Facts>
      <div className="actions">
        <span className="muted">Advance by</span>
        {steps.map(([name, ms]) => (
          <button key={name} type="button" onClick={() => void advance(ms)}>
            {name}
          </button>
        ))}
      </div>
    </Panel>
  );
}
