import type { SoldOrder } from '@box-office/common/contracts/orders';
import { priceInWords } from '../lib/money.ts';
import { linesOf } from '../lib/order-lines.ts';
import { Badge } from './badge.tsx';

/** What an order for a show is made of. */
export function OrderLines({ order }: { readonly order: SoldOrder }) {
  return (
    <ul className="kinds">
      {linesOf(order).map(({ key, name, count, price, seats, state }) => (
        <li key={key} className="kind-row">
          <span>
            {count} × <bdi className="kind-name">{name}</bdi>
            {seats.length > 0 && <bdi className="muted">{seats.join(', ')}</bdi>}
          </span>
          <span className="kind-end">
            {order.status === 'complete' && <Badge state={state} />}{' '}
            {priceInWords(count * price, order.ticket.currency)}
          </span>
        </li>
      ))}
    </ul>
  );
}
