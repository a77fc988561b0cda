import { Link } from 'react-router';
import type { SandboxPayment, SandboxRefund } from '../../../src/api/sandbox.ts';
import { useParam } from '../lib/hooks.ts';
import { money, short } from '../lib/words.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Filters, TextFilter } from '../parts/filters.tsx';
import { OrderLink, storyPath } from '../parts/links.tsx';
import { Panel } from '../parts/panel.tsx';
import { Empty } from '../parts/states.tsx';
import { Clock } from '../parts/time.tsx';

const tones: Readonly<Record<string, Tone>> = { succeeded: 'good', canceled: 'plain', requires_capture: 'info' };

const textOf = ({ refunds, disputes, ...payment }: SandboxPayment): string =>
  [payment, ...refunds, ...disputes]
    .flatMap((it) => Object.values(it))
    .join(' ')
    .toLowerCase();

export function Payments({ payments }: { readonly payments: readonly SandboxPayment[] }) {
  const [q] = useParam('q');
  const wanted = q.toLowerCase();
  const shown = payments.filter((it) => textOf(it).includes(wanted));
  return (
    <Panel
      title="Payments"
      className="payments"
      aside={
        <Filters names={['q']}>
          <TextFilter name="q" label="Search payments" type="search" placeholder="Payment, order, status" />
        </Filters>
      }
    >
      {shown.length === 0 && <Empty title={q ? 'No payment matches.' : 'Nobody has paid yet.'} />}
      {shown.length > 0 && (
        <table className="list">
          <thead>
            <tr>
              <th className="wide">Begun</th>
              <th>Payment</th>
              <th>Status</th>
              <th className="wide">Order</th>
              <th className="number">Amount</th>
              <th className="number wide">Received</th>
              <th className="number wide">Refunded</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((it) => (
              <tr key={it.id}>
                <td className="wide">
                  <Clock at={it.at} />
                </td>
                <td>
                  {it.orderId ? (
                    <Link data-row className="id" to={storyPath(it.orderId)} title={`The story of order ${it.orderId}`}>
                      {short(it.id)}
                    </Link>
                  ) : (
                    <span className="id" title={it.id}>
                      {short(it.id)}
                    </span>
                  )}
                </td>
                <td>
                  <Badge tone={tones[it.status] ?? 'warn'}>{wordsIn(it.status)}</Badge>{' '}
                  {it.disputed && <Badge tone="bad">disputed</Badge>}
                  {it.refunds.map((refund) => (
                    <Aftermath key={refund.id} what="refund" of={refund} currency={it.currency} />
                  ))}
                  {it.disputes.map((dispute) => (
                    <Aftermath
                      key={dispute.id}
                      what={`dispute, ${wordsIn(dispute.reason)},`}
                      of={dispute}
                      currency={it.currency}
                    />
                  ))}
                </td>
                <td className="wide">{it.orderId && <OrderLink id={it.orderId} />}</td>
                <td className="number">{money(it.amount, it.currency)}</td>
                <td className="number wide">{money(it.received, it.currency)}</td>
                <td className="number wide">{it.refunded > 0 ? money(it.refunded, it.currency) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

interface AftermathProps {
  readonly what: string;
  readonly of: SandboxRefund;
  readonly currency: string;
}

/** What happened to the money of a payment after it was taken. */
function Aftermath({ what, of: { id, amount, status, at }, currency }: AftermathProps) {
  return (
    <span className="second muted" title={id}>
      {what} of {money(amount, currency)}: {wordsIn(status)}, <Clock at={at} />
    </span>
  );
}

const wordsIn = (name: string): string => name.replaceAll('_', ' ');
