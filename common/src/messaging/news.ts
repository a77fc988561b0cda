import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from '../contracts/event.ts';
import { Id } from '../contracts/primitives.ts';
import { type Problem, problem } from '../problem.ts';
import type { Copies } from '../store/copies.ts';
import type { Bus } from './bus.ts';

/** A service's copies of what others own, for requests that may come before the announcement does. */
export interface News<Data extends Snapshot> {
  /**
   * What is held under this id. When there is nothing and the id is so new that its announcement may still be on its way, waits for it for up to `waitMs`.
   * An id that is none, is old or lies in the future is answered at once.
   *
   * @returns null when there is nothing under this id, as far as anybody has announced
   * @throws Problem 503 `unavailable` when that cannot be told, because the broker is away or too many wait already
   */
  find(id: string): Promise<Data | null>;
}

export interface NewsOptions<Data extends Snapshot> {
  readonly copies: Pick<Copies<Data>, 'find' | 'query' | 'onTaken'>;
  readonly bus: Pick<Bus, 'connection' | 'connectedSince'>;
  readonly now: () => Date;
  /** How long a request waits, in ms. Default 2 s. */
  readonly waitMs?: number;
  /** How long after the making of an id, or after the broker came back, its announcement may be on its way, in ms. Default 10 s. */
  readonly lateMs?: number;
  /** How many requests may wait at once. Default 1,000: each holds little more than its connection. */
  readonly maxWaiting?: number;
}

/** Clocks of several machines are never quite the same. */
const clockSkewMs = 5_000;
/** How often all that wait look into the database together, for what another replica of the service has heard. */
const lookEveryMs = 250;

/** What was answered 201 by its owner can be used here at once: see `News.find`. */
export function news<Data extends Snapshot>(options: NewsOptions<Data>): News<Data> {
  const { copies, bus, now, waitMs = 2_000, lateMs = 10_000, maxWaiting = 1_000 } = options;
  const waiting = new Map<string, Set<() => void>>();
  let requests = 0;
  let looking = false;

  const wake = (id: string) => {
    for (const goOn of waiting.get(id) ?? []) goOn();
  };
  copies.onTaken(wake);

  /** Whether an announcement of this id may still come. */
  function mayCome(id: string): boolean {
    // An ObjectId begins with the second in which it was made.
    const ageMs = now().getTime() - Number.parseInt(id.slice(0, 8), 16) * 1_000;
    if (ageMs < -clockSkewMs) return false;
    const since = bus.connectedSince();
    // Whatever was made while the broker was away is announced after it has come back.
    const isCatchingUp = since === null || Date.now() - since < lateMs;
    return ageMs <= lateMs || isCatchingUp;
  }

  async function find(id: string): Promise<Data | null> {
    if (!Id.safeParse(id).success) return null;
    const held = await copies.find(id);
    if (held || !mayCome(id)) return held;
    if (bus.connectedSince() === null || requests >= maxWaiting) throw cannotTell();
    const answers = isAnswering(bus);
    const found = await arrivalOf(id);
    if (found) return found;
    if (bus.connectedSince() === null || !(await Promise.race([answers, false]))) throw cannotTell();
    return null;
  }

  async function arrivalOf(id: string): Promise<Data | null> {
    const arrived = Promise.withResolvers<void>();
    const others = waiting.get(id) ?? new Set();
    waiting.set(id, others.add(arrived.resolve));
    requests++;
    const patience = setTimeout(arrived.resolve, waitMs);
    try {
      // It may have come between the first look and this moment.
      const found = await copies.find(id);
      if (found) return found;
      void look();
      await arrived.promise;
      return await copies.find(id);
    } finally {
      clearTimeout(patience);
      requests--;
      others.delete(arrived.resolve);
      if (others.size === 0) waiting.delete(id);
    }
  }

  /** One look for everybody, for as long as anybody waits. */
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    while (waiting.size > 0) {
      await sleep(lookEveryMs);
      const ids = [...waiting.keys()];
      // A database that is away is for the request to find out.
      const found = await copies.query({ _id: { $in: ids } }, ids.length).catch(() => []);
      for (const { id } of found) wake(id);
    }
    looking = false;
  }

  return { find };
}

/** Resolves with whether the broker answers: a connection may stand long after nobody is there any more. */
const isAnswering = ({ connection }: Pick<Bus, 'connection'>): Promise<boolean> =>
  connection.rtt().then(
    () => true,
    () => false,
  );

const cannotTell = (): Problem =>
  problem('unavailable', 'We may not have heard of this yet; please try again in a moment.', { retryAfterSeconds: 1 });
