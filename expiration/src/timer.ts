import { subjectOf } from '@box-office/common/contracts/event';
import { ExpirationCompleted } from '@box-office/common/contracts/expiration';
import type { Order } from '@box-office/common/contracts/orders';
import type { Bus } from '@box-office/common/messaging/bus';
import { toMessage } from '@box-office/common/messaging/envelope';
import { envelope } from '@box-office/common/store/outbox';
import { currentTraceparent } from '@box-office/common/telemetry/trace';

/** The timers of orders. JetStream stores and fires them; this service holds no state. */
export interface Timers {
  /**
   * Has `expiration.completed` announced when the order's time is up, at once if it already is. Setting a timer again
   * replaces it.
   */
  set(order: Order): Promise<void>;
  /** Removes the order's timer, if there is one. */
  clear(orderId: string): Promise<void>;
}

/**
 * Timers as JetStream message schedules (`Nats-Schedule: @at`, server 2.12): at the given time the server publishes the
 * message as `expiration.<order id>.completed`. Each order has a subject of its own and a subject holds one schedule,
 * so a repeated event sets no second timer.
 */
export function createTimers(bus: Bus, now: () => Date): Timers {
  return {
    async set(order) {
      const event = envelope(
        ExpirationCompleted,
        { id: order.id, version: order.version, expiresAt: order.expiresAt },
        { id: `expiration/${order.id}/${order.version}`, time: now(), traceparent: currentTraceparent() },
      );
      const { payload, headers } = toMessage(event);
      // The id belongs to the announcement, not to the schedule: with it, JetStream would drop a timer that is set
      // again.
      headers.delete('Nats-Msg-Id');
      headers.set('ce-time', order.expiresAt);
      headers.set('Nats-Schedule', `@at ${order.expiresAt}`);
      headers.set('Nats-Schedule-Target', event.subject);
      await bus.js.publish(scheduleSubject(order.id), payload, { headers, expect: { streamName: 'expiration' } });
    },
    async clear(orderId) {
      await bus.jsm.streams.purge('expiration', { filter: scheduleSubject(orderId) });
    },
  };
}

const scheduleSubject = (orderId: string) => subjectOf(ExpirationCompleted, orderId).replace('.completed', '.timer');
