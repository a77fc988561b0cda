import { hasBegun } from '@box-office/common/contracts/begun';
import { Order } from '@box-office/common/contracts/orders';
import { ShowAnswer } from '@box-office/common/contracts/shows';
import { Ticket } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import { OrderView } from '../../../components/order-view.tsx';
import { remainingMs } from '../../../lib/clock.ts';
import { placeOfOrder } from '../../../lib/place.ts';
import { type Query, single } from '../../../lib/query.ts';
import { idIn, mustBeSignedIn, read, readIfThere } from '../../../server/gateway.ts';
import { page } from '../../../server/page.tsx';

export const metadata: Metadata = { title: 'Order' };

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Query>;
}

export default page(async ({ params, searchParams }: Props) => {
  const path = `/orders/${idIn(await params)}`;
  const user = await mustBeSignedIn(path);
  const { data: order, headers } = await read(`/api${path}`, Order, path);
  // Title and price are as they were bought. Place and time may have changed since, and the page is useful without
  // their last change.
  const { showId, ticket } = order;
  const found = showId
    ? await readIfThere(`/api/shows/${showId}`, ShowAnswer)
    : await readIfThere(`/api/tickets/${ticket.id}`, Ticket);
  const place = placeOfOrder(order, found);
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  return (
    <OrderView
      guestEmail={user.kind === 'guest' ? user.email : null}
      first={order}
      place={place}
      firstRemainingMs={remainingMs(order.expiresAt, now)}
      hasBegun={hasBegun(place, new Date(now))}
      sandboxUrl={process.env.STRIPE_SANDBOX_URL ?? null}
      bankSaid={bankSaid(single((await searchParams).redirect_status))}
    />
  );
});

/** Stripe's `redirect_status` on the way back from a bank's page. */
function bankSaid(redirectStatus: string | undefined): 'yes' | 'no' | null {
  if (redirectStatus === undefined) return null;
  return redirectStatus === 'failed' ? 'no' : 'yes';
}
