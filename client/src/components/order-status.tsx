import type { Order } from '@box-office/common/contracts/orders';
import { moneyForBuyer } from '../lib/money-lines.ts';
import type { Stage } from '../lib/order-stage.ts';
import { isSingle, reasonInWords } from '../lib/order-words.ts';
import { inWords, stateOfOrder } from '../lib/states.ts';

interface OrderStatusProps {
  readonly order: Order;
  readonly stage: Stage;
  /** A card was sent from this page. */
  readonly mayBePaid: boolean;
  /** The address of a buyer without an account; null for others. */
  readonly guestEmail: string | null;
}

/** What is to be said of an order, its payment included. */
export function OrderStatus({ order, stage, mayBePaid, guestEmail }: OrderStatusProps) {
  const { status } = order;
  if (stage === 'refused') {
    return (
      <>
        <p>This order cannot be paid</p>
        <p>Payments of this amount are not possible. The order is being cancelled, and nothing is charged.</p>
      </>
    );
  }
  if (stage === 'not-theirs') return <NotTheirs guestEmail={guestEmail} />;
  if (stage === 'checking') {
    return (
      <>
        <p>The time to pay is over</p>
        <p>
          {mayBePaid ? 'Your payment is being checked.' : 'We are checking whether a payment has arrived.'} This page
          updates itself.
        </p>
      </>
    );
  }
  if (stage === 'over') {
    return (
      <>
        <p>The time to pay is over</p>
        <p>{isSingle(order) ? 'The ticket' : 'The tickets'} will be back on sale in a moment. Nothing was charged.</p>
      </>
    );
  }
  return (
    <>
      <p>{inWords(stateOfOrder(order))}</p>
      {status === 'created' && (
        <p>{isSingle(order) ? 'The ticket is' : 'The tickets are'} held for you while you pay.</p>
      )}
      {status === 'cancelled' && <p>{reasonInWords(order)}</p>}
      {status === 'complete' && moneyForBuyer(order).map((line) => <p key={line}>{line}</p>)}
      {status === 'awaiting:payment' && <p>Your bank approved the payment. This page updates itself in a moment.</p>}
    </>
  );
}

/** The session of this browser has become another one since the page was opened. */
function NotTheirs({ guestEmail }: { readonly guestEmail: string | null }) {
  return (
    <>
      <p>Somebody else is signed in now</p>
      <p>
        In another tab, somebody has signed in or opened the link in a mail, so this page can no longer follow the
        order. That changes nothing about the order itself.
      </p>
      <p>
        {guestEmail ? (
          <>
            What becomes of it is mailed to <bdi>{guestEmail}</bdi>.
          </>
        ) : (
          'Sign in again as its buyer to see what becomes of it.'
        )}
      </p>
    </>
  );
}
