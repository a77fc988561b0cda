import { subjectsOf } from '@box-office/common/contracts/event';
import { OrderCompleted } from '@box-office/common/contracts/orders';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';

export interface Completions {
  /** Resolves once the order is announced as complete. @throws after 30 s */
  of(orderId: string): Promise<void>;
  close(): Promise<void>;
}

const withinMs = 30_000;

/** Hears of completed orders from the broker itself, so that waiting for them asks nothing of the platform. */
export async function openCompletions(operator: ConnectionOptions): Promise<Completions> {
  const connection = await connect(operator);
  const completed = new Map<string, PromiseWithResolvers<void>>();
  const of = (orderId: string): PromiseWithResolvers<void> => {
    const known = completed.get(orderId) ?? Promise.withResolvers<void>();
    completed.set(orderId, known);
    return known;
  };
  connection.subscribe(subjectsOf(OrderCompleted), {
    callback(error, message) {
      const [, orderId] = error ? [] : message.subject.split('.');
      if (orderId) of(orderId).resolve();
    },
  });
  await connection.flush();
  return {
    async of(orderId) {
      const { promise, reject } = of(orderId);
      const timeout = setTimeout(() => reject(new Error(`order ${orderId} was never complete`)), withinMs);
      await promise.finally(() => clearTimeout(timeout));
    },
    close: () => connection.close(),
  };
}
