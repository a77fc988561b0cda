import { Order } from '@box-office/common/contracts/orders';
import type { Metadata } from 'next';
import { OrderView } from '../../../components/order-view.tsx';
import { remainingMs } from '../../../lib/clock.ts';
import { type Query, single } from '../../../lib/query.ts';
import { mustBeSignedIn, read } from '../../../server/gateway.ts';

export const metadata: Metadata = { title: 'Order' };

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Query>;
}

export default async function OrderPage({ params, searchParams }: Props) {
  const path = `/orders/${encodeURIComponent((await params).id)}`;
  await mustBeSignedIn(path);
  const { data: order, headers } = await read(`/api${path}`, Order, path);
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  return (
    <OrderView
      first={order}
      firstRemainingMs={remainingMs(order.expiresAt, now)}
      sandboxUrl={process.env.STRIPE_SANDBOX_URL ?? null}
      bankSaid={bankSaid(single((await searchParams).redirect_status))}
    />
  );
}

/** Stripe's `redirect_status` on the way back from a bank's page. */
function bankSaid(redirectStatus: string | undefined): 'yes' | 'no' | null {
  if (redirectStatus === undefined) return null;
  return redirectStatus === 'failed' ? 'no' : 'yes';
}
