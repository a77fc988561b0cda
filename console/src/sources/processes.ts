import { connect } from 'node:net';
import type { Process } from '../api/system.ts';
import { ask } from '../ask.ts';
import type { KnownProcess } from '../config.ts';
import type { Hub } from '../hub.ts';
import type { Members } from './members.ts';

export interface Processes {
  /** As they were last seen. */
  list(): readonly Process[];
  /** Looks at all of them. */
  look(): Promise<void>;
  /** Takes what is newly known about a process. */
  take(name: string, vitals: Vitals): void;
}

export interface Vitals {
  readonly pid?: number;
  readonly rssBytes?: number;
  /** In seconds since 1970. */
  readonly startedAt?: number;
}

const answerWithinMs = 2_000;

export function processes(members: Members, { tell }: Pick<Hub, 'tell'>): Processes {
  const known = new Map<string, Vitals & { readonly restarts: number }>();
  let seen: readonly Process[] = members.list().map((it) => shown(it, ['a first look']));
  let last = '';

  function shown({ name, service, kind, url }: KnownProcess, waitsFor: readonly string[]): Process {
    const { pid, rssBytes, startedAt, restarts = 0 } = known.get(name) ?? {};
    return {
      name,
      ...(service ? { service } : {}),
      kind,
      url,
      ...(pid ? { pid } : {}),
      ready: waitsFor.length === 0,
      waitsFor,
      ...(rssBytes ? { rssBytes } : {}),
      ...(startedAt ? { startedAt: new Date(startedAt * 1_000).toISOString() } : {}),
      restarts,
    };
  }

  return {
    list: () => seen,

    async look() {
      await members.look();
      seen = await Promise.all(members.list().map(async (it) => shown(it, await missing(it))));
      // Memory changes all the time and is no news.
      const state = JSON.stringify(seen.map(({ rssBytes: _, ...it }) => it));
      if (state !== last) tell('processes', seen);
      last = state;
    },

    take(name, vitals) {
      const before = known.get(name);
      const restarts = (before?.restarts ?? 0) + (before && isAnother(before, vitals) ? 1 : 0);
      known.set(name, { ...before, ...vitals, restarts });
    },
  };
}

/** The time of a start is computed from clocks that are adjusted, so the pid decides where both are known. */
function isAnother(before: Vitals, now: Vitals): boolean {
  if (before.pid !== undefined && now.pid !== undefined) return before.pid !== now.pid;
  return before.startedAt !== undefined && now.startedAt !== undefined && before.startedAt !== now.startedAt;
}

async function missing({ kind, url }: KnownProcess): Promise<string[]> {
  try {
    if (kind !== 'service') {
      await takesConnections(new URL(url));
      return [];
    }
    const { status, text } = await ask(new URL('/healthz/ready', url), { withinMs: answerWithinMs });
    return status === 200 ? [] : waitsIn(text);
  } catch {
    return ['it does not answer'];
  }
}

/** What `/healthz/ready` says when it is not. */
function waitsIn(said: string): string[] {
  try {
    const { waitingFor } = JSON.parse(said) as { waitingFor?: unknown };
    if (Array.isArray(waitingFor) && waitingFor.length > 0) return waitingFor.map(String);
  } catch {
    // It is text.
  }
  return [said.trim() || 'it is not ready'];
}

/** @throws when it does not */
function takesConnections({ hostname, port }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
