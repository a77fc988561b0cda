import type { Live } from './api/live.ts';

/** Passes what happens now to whoever looks at it now. */
export interface Hub {
  readonly tell: <Name extends keyof Live>(name: Name, data: Live[Name]) => void;
  /** @returns a function that ends it */
  readonly listen: (listener: (name: keyof Live, data: unknown) => void) => () => void;
  /** Whether anybody listens. */
  readonly isHeard: () => boolean;
}

export function hub(): Hub {
  const listeners = new Set<(name: keyof Live, data: unknown) => void>();
  return {
    tell(name, data) {
      for (const listener of listeners) listener(name, data);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isHeard: () => listeners.size > 0,
  };
}
