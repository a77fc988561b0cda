import { Order } from '@box-office/common/contracts/orders';
import { type Copies, type CopiesOptions, copies } from '@box-office/common/store/copies';

/** The orders as far as payments know them: whose they are, what they cost, and whether they may still cost anything. */
export type PayableOrders = Copies<Order>;

export const payableOrders = (options: CopiesOptions): PayableOrders =>
  copies({ collection: 'payable-orders', data: Order }, options);
