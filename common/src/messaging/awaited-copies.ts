import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from '../contracts/event.ts';
import { Id } from '../contracts/primitives.ts';
import { type Problem, problem } from '../problem.ts';
import type { Copies } from '../store/copies.ts';
import type { Bus } from './bus.ts';

/** A service's copies of other services' data, for requests that may arrive before the announcement does. */
export interface AwaitedCopies<Data extends Snapshot> {
  /**
   * The copy with this id. If there is none, its announcement may still be in flight, so waits for it for up to
   * `waitMs`. Invalid ids and ids from the future are answered at once.
   *
   * @returns null if nothing with this id has been announced
   * @throws Problem 503 `unavailable` if that is unknown, because the broker is unavailable or too many are waiting
   */
  find(id: string): Promise<Data | null>;
}

export interface AwaitedCopiesOptions<Data extends Snapshot> {
  readonly copies: Pick<Copies<Data>, 'find' | 'query' | 'onTaken'>;
  readonly bus: Pick<Bus, 'connection' | 'connectedSince'>;
  readonly now: () => Date;
  /** How long a request waits, in ms. Default 2 s. */
  readonly waitMs?: number;
  /** How many requests may wait at once. Default 1,000: each needs little more than its connection. */
  readonly maxWaiting?: number;
}

/** The tolerated difference between the clocks of several machines. */
const clockSkewMs = 5_000;
/** How often the database is polled for all waiting requests, for events that another replica has received. */
const pollEveryMs = 250;

/** Makes what its owner has answered with 201 usable here at once: see `AwaitedCopies.find`. */
export function awaitedCopies<Data extends Snapshot>(options: AwaitedCopiesOptions<Data>): AwaitedCopies<Data> {
  const { copies, bus, now, waitMs = 2_000, maxWaiting = 1_000 } = options;
  /** Takes the copy that has arrived, or nothing if it has to be looked up. */
  type Resume = (copy?: Data) => void;
  /** Of requests that wait, or are about to. */
  const arrivals = new Map<string, Set<Resume>>();
  let waiting = 0;
  let looking = false;

  const wake = (id: string, copy?: Data) => {
    for (const resume of arrivals.get(id) ?? []) resume(copy);
  };
  copies.onTaken(wake);

  /**
   * Whether anything can have this id. How old the id is says nothing of when what it names was created: under an
   * `Idempotency-Key` or from a waiting list, that may be long after the id was made.
   */
  function mayExist(id: string): boolean {
    if (!Id.safeParse(id).success) return false;
    // An ObjectId begins with the second in which it was made.
    const madeAtMs = Number.parseInt(id.slice(0, 8), 16) * 1_000;
    return madeAtMs <= now().getTime() + clockSkewMs;
  }

  async function find(id: string): Promise<Data | null> {
    if (!mayExist(id)) return null;
    // Before the first look-up, so that none that arrives right after it is missed.
    const arrived = Promise.withResolvers<Data | undefined>();
    const others = arrivals.get(id) ?? new Set();
    arrivals.set(id, others.add(arrived.resolve));
    try {
      const held = await copies.find(id);
      if (held) return held;
      if (bus.connectedSince() === null || waiting >= maxWaiting) throw cannotTell();
      const answers = isAnswering(bus);
      const found = (await wait(arrived)) ?? (await copies.find(id));
      if (found) return found;
      if (bus.connectedSince() === null || !(await Promise.race([answers, false]))) throw cannotTell();
      return null;
    } finally {
      others.delete(arrived.resolve);
      if (others.size === 0) arrivals.delete(id);
    }
  }

  async function wait({ promise, resolve }: PromiseWithResolvers<Data | undefined>): Promise<Data | undefined> {
    const timeout = setTimeout(() => resolve(undefined), waitMs);
    waiting++;
    void look();
    const copy = await promise;
    waiting--;
    clearTimeout(timeout);
    return copy;
  }

  /** One poll for all waiting requests, for as long as there are any. */
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    while (waiting > 0) {
      await sleep(pollEveryMs);
      const ids = [...arrivals.keys()];
      // The request itself reports an unavailable database.
      const found = await copies.query({ _id: { $in: ids } }, ids.length).catch(() => []);
      for (const copy of found) wake(copy.id, copy);
    }
    looking = false;
  }

  return { find };
}

/** Resolves with whether the broker answers: a connection can outlive its peer for a long time. */
const isAnswering = ({ connection }: Pick<Bus, 'connection'>): Promise<boolean> =>
  connection.rtt().then(
    () => true,
    () => false,
  );

const cannotTell = (): Problem =>
  problem('unavailable', 'This may not have arrived here yet. Please try again in a moment.', { retryAfterSeconds: 1 });
