import { Link } from 'react-router';
import type { OrderLine } from '../../../src/api/story.ts';
import { useFilters, useList } from '../lib/hooks.ts';
import { useSystem } from '../lib/shared.ts';
import { money, short } from '../lib/words.ts';
import { OrderStatus } from '../parts/badge.tsx';
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx';
import { storyPath } from '../parts/links.tsx';
import { ListPage } from '../parts/list-page.tsx';
import { Empty } from '../parts/states.tsx';
import { Age } from '../parts/time.tsx';

const filters = ['q', 'status'] as const;

export function OrdersPage() {
  const list = useList<OrderLine>('/api/orders', useFilters(filters), ['order']);
  return (
    <ListPage
      title="Orders"
      about="Open one for its story: what happened, in which service, and what it waits for."
      filters={filters}
      fields={
        <>
          <TextFilter
            name="q"
            label="Search orders"
            type="search"
            placeholder="Order id or its end, title, or e-mail address"
          />
          <ChoiceFilter name="status" label="Status" all="All orders" options={['open', 'complete', 'cancelled']} />
        </>
      }
      list={list}
      noMatch={{ title: 'No order matches.' }}
      empty={<NoOrders />}
    >
      <OrderTable orders={list.items} />
    </ListPage>
  );
}

export function NoOrders() {
  const { data } = useSystem();
  return (
    <Empty title="Nobody has ordered yet.">
      {data?.shop ? <a href={data.shop}>Open the shop</a> : 'Open the shop'} and buy a ticket: its order shows up here.
    </Empty>
  );
}

export function OrderTable({ orders }: { readonly orders: readonly OrderLine[] }) {
  return (
    <table className="list">
      <thead>
        <tr>
          <th>Order</th>
          <th className="wide">Status</th>
          <th className="wide">Waits for</th>
          <th className="number wide">Total</th>
          <th className="number">Age</th>
        </tr>
      </thead>
      <tbody>
        {orders.map((it) => (
          <tr key={it.id}>
            <td>
              <Link data-row className="main" to={storyPath(it.id)} title={it.id}>
                {it.what}
              </Link>{' '}
              <span className="muted id wide">{short(it.id)}</span>
              <span className="narrow">
                <OrderStatus status={it.status} isWaiting={it.waitsFor !== undefined} /> {money(it.total, it.currency)}
              </span>
              {it.waitsFor && <span className="narrow warn-text">waits for {it.waitsFor}</span>}
            </td>
            <td className="wide">
              <OrderStatus status={it.status} isWaiting={it.waitsFor !== undefined} />
            </td>
            <td className="wide warn-text">{it.waitsFor}</td>
            <td className="number wide">{money(it.total, it.currency)}</td>
            <td className="number">
              <Age at={it.at} bare />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
