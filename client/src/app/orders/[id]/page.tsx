import { hasBegun } from '@box-office/common/contracts/begun';
import { Order } from '@box-office/common/contracts/orders';
import { Ticket } from '@box-office/common/contracts/tickets';
import type { Metadata } from 'next';
import { OrderView } from '../../../components/order-view.tsx';
import { remainingMs } from '../../../lib/clock.ts';
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
  // The price is part of the order. Place and time of a single ticket come from the ticket as it is now, and the page
  // is useful without them; those of a show are in the order.
  const place = order.showId ? placeIn(order) : await readIfThere(`/api/tickets/${order.ticket.id}`, Ticket);
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  return (
    <OrderView
      guestEmail={user.kind === 'guest' ? user.email : null}
      first={order}
      place={place}
      firstRemainingMs={remainingMs(order.expiresAt, now)}
      hasBegun={hasBegun(place ?? {}, new Date(now))}
      sandboxUrl={process.env.STRIPE_SANDBOX_URL ?? null}
      bankSaid={bankSaid(single((await searchParams).redirect_status))}
    />
  );
});

const placeIn = ({ ticket: { venue, startsAt, timeZone } }: Order) => ({
  venue: venue ?? null,
  startsAt: startsAt ?? null,
  timeZone,
});

/** Stripe's `redirect_status` on the way back from a bank's page. */
function bankSaid(redirectStatus: string | undefined): 'yes' | 'no' | null {
  if (redirectStatus === undefined) return null;
  return redirectStatus === 'failed' ? 'no' : 'yes';
}
