/** Runs tasks with the same key in sequence and others concurrently, at most `limit` at once. */
export interface KeyedQueue {
  /** Resolves when there is capacity for another task, which gives the reader backpressure. */
  capacity(): Promise<void>;
  /** Tasks must not throw. */
  add(key: string, task: () => Promise<void>): void;
  /** Resolves when no task is left. */
  idle(): Promise<void>;
}

export function keyedQueue(limit: number): KeyedQueue {
  const tails = new Map<string, Promise<void>>();
  let size = 0;
  let changed = Promise.withResolvers<void>();

  const until = async (condition: () => boolean) => {
    while (!condition()) await changed.promise;
  };

  return {
    capacity: () => until(() => size < limit),
    idle: () => until(() => size === 0),
    add(key, task) {
      size++;
      const tail = (tails.get(key) ?? Promise.resolve()).then(task).finally(() => {
        if (tails.get(key) === tail) tails.delete(key);
        size--;
        changed.resolve();
        changed = Promise.withResolvers<void>();
      });
      tails.set(key, tail);
    },
  };
}
