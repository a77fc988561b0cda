import type { Copy, Story, Webhook } from '../../../src/api/story.ts';
import { withParams } from '../lib/api.ts';
import { money } from '../lib/words.ts';
import { Badge, Service, type Tone } from '../parts/badge.tsx';
import { Fact, Facts, Panel } from '../parts/panel.tsx';
import { Redeliver } from '../parts/redeliver.tsx';
import { Clock } from '../parts/time.tsx';

/** The copies of the order and of its tickets that other services keep, and whether they are up to date. */
export function Copies({ copies }: { readonly copies: readonly Copy[] }) {
  return (
    <Panel title="Copies elsewhere">
      {copies.length === 0 ? (
        <p className="muted">No other service keeps one.</p>
      ) : (
        <table className="plain">
          <thead>
            <tr>
              <th>Service</th>
              <th>Collection</th>
              <th className="number">Version</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {copies.map((copy) => (
              <tr key={`${copy.service} ${copy.collection} ${copy.id}`}>
                <td>
                  <Service name={copy.service} />
                </td>
                <td title={copy.id}>{copy.collection}</td>
                <td className="number">
                  {copy.version ?? '–'}
                  {!copy.matches && copy.ownerVersion !== undefined && (
                    <span className="muted"> of {copy.ownerVersion}</span>
                  )}
                </td>
                <td>
                  {copy.missing ? (
                    <Badge tone="bad">missing</Badge>
                  ) : copy.matches ? (
                    <Badge tone="good">matches</Badge>
                  ) : (
                    <Badge tone="warn">behind</Badge>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

const webhookTones: Readonly<Record<Webhook['state'], Tone>> = { delivered: 'good', waiting: 'warn', lost: 'bad' };

const unknown = {
  away: 'Stripe does not answer, so its payment cannot be shown.',
  elsewhere: 'Payments go to the real Stripe, whose dashboard shows them.',
};

export function StripeView({ stripe, stripeUnknown }: Pick<Story, 'stripe' | 'stripeUnknown'>) {
  const { intent, refunds = [], webhooks = [] } = stripe ?? {};
  return (
    <Panel title="At Stripe" to={withParams('/sandbox', { q: intent?.id })}>
      {!intent && <p className="muted">{stripeUnknown ? unknown[stripeUnknown] : 'No payment has begun.'}</p>}
      {intent && (
        <Facts>
          <Fact name="Payment">
            <code>{intent.id}</code>
          </Fact>
          <Fact name="Status">
            <Badge>{intent.status.replaceAll('_', ' ')}</Badge>
          </Fact>
          <Fact name="Amount">{money(intent.amount, intent.currency)}</Fact>
          <Fact name="Received">{money(intent.received, intent.currency)}</Fact>
          <Fact name="Begun">
            <Clock at={intent.at} />
          </Fact>
          {refunds.map((it) => (
            <Fact key={it.id} name="Refund">
              <span title={it.id}>
                {money(it.amount, intent.currency)}, {it.status}, <Clock at={it.at} />
              </span>
            </Fact>
          ))}
        </Facts>
      )}
      {webhooks.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th>Webhook</th>
              <th>Sent</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {webhooks.map((it) => (
              <tr key={it.id}>
                <td title={it.id} className="break">
                  {it.type}
                </td>
                <td>
                  <Clock at={it.at} />
                </td>
                <td>
                  <Badge tone={webhookTones[it.state]}>{it.state}</Badge>
                  {it.state === 'lost' && <Redeliver eventId={it.id} text="Send it" what={it.type} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
