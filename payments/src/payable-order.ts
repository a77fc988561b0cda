import { Order } from '@box-office/common/contracts/orders';
import { type Copies, copies } from '@box-office/common/store/copies';
import type { Connection } from 'mongoose';

/** The orders as far as payments know them: whose they are, what they cost, and whether they may still cost anything. */
export type PayableOrders = Copies<Order>;

export const payableOrders = (connection: Connection): PayableOrders =>
  copies({ collection: 'payable-orders', data: Order }, connection);
