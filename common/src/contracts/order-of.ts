import type { Snapshot } from './event.ts';

/** The order that an event of this type with this snapshot is about; undefined if it is about none. */
export function orderOf(type: string, snapshot: unknown): string | undefined {
  const { id, orderId } = (snapshot ?? {}) as Partial<Snapshot> & { readonly orderId?: unknown };
  // Payments and timers have the id of their order.
  const found = /^(order|payment|expiration)\./.test(type) ? id : orderId;
  return typeof found === 'string' ? found : undefined;
}
