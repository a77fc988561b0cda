import { Order } from '@box-office/common/contracts/orders';
import { type Copies, type CopiesOptions, copies } from '@box-office/common/store/copies';

/** This service's copy of the orders: their buyers, their prices, and whether they can still be paid. */
export type PayableOrders = Copies<Order>;

export const payableOrders = (options: CopiesOptions): PayableOrders =>
  copies({ collection: 'payable-orders', data: Order }, options);
