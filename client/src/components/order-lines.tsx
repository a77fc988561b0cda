import type { Order } from '@box-office/common/contracts/orders';
import { priceInWords } from '../lib/money.ts';
import { linesOf } from '../lib/order-lines.ts';

/** What an order for a show is made of. */
export function OrderLines({ order }: { readonly order: Order }) {
  return (
    <ul className="kinds">
      {linesOf(order).map(({ name, count, price, seats }) => (
        <li key={`${name} ${price}`} className="kind-row">
          <span>
            {count} × <span className="kind-name">{name}</span>
            {seats.length > 0 && <span className="muted">{seats.join(', ')}</span>}
          </span>
          <span>{priceInWords(count * price, order.ticket.currency)}</span>
        </li>
      ))}
    </ul>
  );
}
