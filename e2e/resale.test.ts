import type { Order } from '@box-office/common/contracts/orders';
import type { Payment } from '@box-office/common/contracts/payments';
import { eventually } from '@box-office/common/testing/eventually';
import { audit } from '@box-office/ops/audit/audit';
import { everything } from '@box-office/ops/audit/everything';
import { withBooks } from './support/books.ts';
import { paid } from './support/paid.ts';
import { openShop, type Person, type Shop } from './support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ client: false, replicas: { orders: 2 } });
});

afterAll(() => shop?.end());

const orderOf = async (buyer: Person, { id }: Order): Promise<Order> =>
  (await buyer.call<Order>('GET', `/api/orders/${id}`)).body;
const paymentOf = async ({ id }: Order): Promise<Payment> =>
  (await shop.stored('payments', 'payments', { _id: id }))[0];

/** Orders what the body says, pays it, and resolves once it is complete. */
async function bought(buyer: Person, body: object): Promise<Order> {
  const { status, body: order } = await buyer.call<Order>('POST', '/api/orders', body);
  expect([status, order]).toMatchObject([201, { status: 'created' }]);
  await paid(shop, buyer, order);
  await eventually(async () => expect((await orderOf(buyer, order)).status).toBe('complete'));
  return orderOf(buyer, order);
}

const offer = async (holder: Person, { id }: Order, tickets: readonly string[]) => {
  expect(await holder.call('PUT', `/api/orders/${id}/resale`, { tickets })).toMatchObject({ status: 200 });
};

it('a ticket that is sold on moves money once each way, and everybody knows who has it', async () => {
  const [seller, anna, ben, carla] = await Promise.all(Array.from({ length: 4 }, () => shop.person()));
  if (!seller || !anna || !ben || !carla) throw new Error('there are four people');
  const { id: showId, kinds } = await shop.announce(seller, { kinds: [{ name: 'Stalls', price: 2_000, quantity: 2 }] });
  await eventually(async () =>
    expect(await shop.stored('orders', 'known-shows', { _id: showId })).toMatchObject([{ state: 'on-sale' }]),
  );
  const wanted = (quantity: number) => ({ showId, lines: [{ kindId: kinds[0]?.id ?? '', quantity }] });

  const first = await bought(anna, wanted(2));
  const [one, other] = first.tickets ?? [];
  await offer(anna, first, [one?.id ?? '']);
  await eventually(async () =>
    expect((await carla.call('GET', `/api/shows/${showId}`)).body).toMatchObject({ kinds: [{ left: 1 }] }),
  );

  // Somebody changes their mind, and the ticket is anna's as before.
  const { body: dropped } = await carla.call<Order>('POST', '/api/orders', wanted(1));
  await carla.call('DELETE', `/api/orders/${dropped.id}`);
  await eventually(async () =>
    expect(await orderOf(anna, first)).toMatchObject({ tickets: [{ attempt: 3, offeredAt: expect.any(String) }, {}] }),
  );
  expect(await paymentOf(first)).toMatchObject({ refunded: 0 });

  const second = await bought(ben, wanted(1));
  expect(second.tickets).toMatchObject([{ id: one?.id, attempt: 4, price: 2_000 }]);
  await eventually(async () =>
    expect(await orderOf(anna, first)).toMatchObject({
      ...{ status: 'complete', refunded: 2_000 },
      tickets: [{ ended: 'resold', refundedAt: expect.any(String) }, { id: other?.id }],
    }),
  );
  expect(await paymentOf(first)).toMatchObject({ status: 'captured', amount: 4_000, refunded: 2_000 });
  expect(await paymentOf(second)).toMatchObject({ status: 'captured', amount: 2_000, refunded: 0 });
  expect((await anna.call('PUT', `/api/orders/${first.id}/resale`, { tickets: [one?.id] })).status).toBe(409);
  await eventually(async () =>
    expect((await seller.call('GET', `/api/shows/${showId}/sales`)).body).toMatchObject({
      total: { made: 2, reserved: 0, sold: 2, refunded: 0, money: 4_000 },
    }),
  );

  const mismatches = () => withBooks(shop, async (books) => (await audit(everything(books), 500)).mismatches);
  await eventually(async () => expect(await mismatches()).toEqual([]));
});
