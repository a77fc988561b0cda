import type { Order } from '@box-office/common/contracts/orders';
import { eventually } from '@box-office/common/testing/eventually';
import { offer, onSale, parts, pay, reserve, show } from '../orders-under-test.ts';

export const idsOf = (order: Order): string[] => order.tickets?.map(({ id }) => id) ?? [];
export const mine = (order: Order) => show(order.id, order.userId);
export const ended = (order: Order, ...ends: (string | undefined)[]) =>
  eventually(async () => expect((await mine(order)).tickets?.map((ticket) => ticket.ended)).toEqual(ends));

interface Stored {
  _id: string;
  status: string;
  showId: string;
  claims: string[];
  tickets: { ended: string | null }[];
  unsettled?: string;
  settled: boolean;
}
export const collection = () => parts.connection.collection<Stored>('orders');
export const stored = (order: Order) => collection().findOne({ _id: order.id });

/** A ticket that somebody has bought and offers. */
export async function onOffer(more: Parameters<typeof onSale>[0] = {}, buyer = 'anna') {
  const ticket = await onSale(more);
  const first = await pay(await reserve(ticket, buyer));
  const { body } = await offer(first, [ticket.id]).expect(200);
  return { ticket, first: body as Order };
}
