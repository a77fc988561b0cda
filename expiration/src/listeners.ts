import { OrderCancelled, OrderCompleted, OrderCreated } from '@box-office/common/contracts/orders';
import { type Listener, on } from '@box-office/common/messaging/listener';
import type { Timers } from './timer.ts';

export function listeners(timers: Timers): Listener[] {
  return [
    on(OrderCreated, ({ data }) => timers.set(data)),
    on(OrderCompleted, ({ data }) => timers.clear(data.id)),
    on(OrderCancelled, ({ data }) => timers.clear(data.id)),
  ];
}
