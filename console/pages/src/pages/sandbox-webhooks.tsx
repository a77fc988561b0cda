import type { Sandbox, SandboxWebhook } from '../../../src/api/sandbox.ts';
import { Badge } from '../parts/badge.tsx';
import { Panel } from '../parts/panel.tsx';
import { Empty } from '../parts/states.tsx';
import { Age } from '../parts/time.tsx';

interface UndeliveredProps {
  readonly webhooks: Sandbox['webhooks'];
  /** One, or all that were not confirmed. */
  redeliver(eventId?: string): Promise<void>;
}

export function Undelivered({ webhooks: { sent, lost, undelivered }, redeliver }: UndeliveredProps) {
  const open = [...lost.map((it) => ({ ...it, isLost: true })), ...undelivered.map((it) => ({ ...it, isLost: false }))];
  return (
    <Panel
      title="Webhooks that have not arrived"
      aside={
        open.length > 1 && (
          <button type="button" className="quiet" onClick={() => void redeliver()}>
            Deliver all
          </button>
        )
      }
    >
      {open.length === 0 && <Empty title={sent === 0 ? 'None was sent yet.' : 'None: every webhook has arrived.'} />}
      <ul className="lines">
        {open.map((it) => (
          <WebhookLine key={it.id} webhook={it} isLost={it.isLost} deliver={() => void redeliver(it.id)} />
        ))}
      </ul>
    </Panel>
  );
}

interface WebhookLineProps {
  readonly webhook: SandboxWebhook;
  readonly isLost: boolean;
  deliver(): void;
}

function WebhookLine({ webhook, isLost, deliver }: WebhookLineProps) {
  return (
    <li className="with-action">
      <span>
        {webhook.type} {isLost ? <Badge tone="bad">lost</Badge> : <Badge tone="warn">on its way</Badge>}
        <span className="second muted">
          about <code>{webhook.about}</code>, <Age at={webhook.at} />
        </span>
      </span>
      <button type="button" data-row onClick={deliver} aria-label={`Deliver ${webhook.type} about ${webhook.about}`}>
        Deliver
      </button>
    </li>
  );
}
