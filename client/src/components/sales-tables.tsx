import type { Sales } from '@box-office/common/contracts/shows';
import type { ReactNode } from 'react';
import { moneyInWords } from '../lib/money.ts';
import { showDay } from '../lib/when.ts';

/** The line of numbers that an organiser looks at first, and what they are made of. */
export function SalesByKind({ sales: { kinds, total, currency } }: { readonly sales: Sales }) {
  return (
    <>
      <dl className="numbers">
        <Figure name="Sold" value={`${total.sold} of ${total.made}`} />
        <Figure name="Reserved" value={total.reserved} />
        <Figure name="Left" value={total.left} />
        <Figure name="Refunded" value={total.refunded} />
        <Figure name="Money" value={moneyInWords(total.money, currency)} />
      </dl>
      <Table label="Sales by kind" heads={['Kind', 'Made', 'Reserved', 'Sold', 'Refunded', 'Money']}>
        {kinds.map(({ id, name, made, reserved, sold, refunded, money }) => (
          <Line key={id} head={name} numbers={[made, reserved, sold, refunded, moneyInWords(money, currency)]} />
        ))}
      </Table>
    </>
  );
}

export function SalesByDay({ sales: { days, currency } }: { readonly sales: Sales }) {
  return (
    <Table label="Sales by day" heads={['Day', 'Sold', 'Refunded', 'Money']}>
      {days.map(({ day, sold, refunded, money }) => (
        <Line key={day} head={showDay(day)} numbers={[sold, refunded, moneyInWords(money, currency)]} />
      ))}
    </Table>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface TableProps {
  readonly label: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}

/** A wide table scrolls on its own, also by keyboard. */
function Table({ label, heads, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Line({ head, numbers }: { readonly head: string; readonly numbers: readonly (string | number)[] }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{head}</bdi>
      </th>
      {numbers.map((number, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column has no other name, and none ever moves
        <td key={column}>{number}</td>
      ))}
    </tr>
  );
}
