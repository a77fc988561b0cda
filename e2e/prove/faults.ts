import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '@box-office/local/platform';
import { connect } from '@nats-io/transport-node';
import type { MongoClient } from 'mongodb';
import { withJetStream } from '../support/jetstream.ts';
import { type Fault, type FaultKind, serviceOf } from './plan.ts';
import type { SmallDisk } from './small-disk.ts';
import { inTurns } from './turns.ts';
import { plantUnreadable } from './unreadable.ts';

export interface Injected extends Fault {
  readonly beganMs: number;
  readonly endedMs: number;
  /** Why it could not be done, if it could not. */
  readonly failed?: string;
}

export interface InjectOptions {
  readonly platform: Platform;
  readonly mongo: MongoClient;
  /** The state folder of the platform. */
  readonly dir: string;
  readonly plan: readonly Fault[];
  /** Where JetStream keeps its streams, if that is a disk that can be filled. */
  readonly disk: SmallDisk | undefined;
  /** Called before the streams lose data, while they can still be read. */
  readonly beforeLoss: () => Promise<void>;
  /** Called with each fault when it is over. */
  readonly note: (fault: Injected) => void;
  /** Called when a process runs again that was down or stopped. */
  readonly noteAway: (away: Away) => void;
  /** How many events have been announced so far; one in a hundred is followed by an invalid one. */
  readonly announced: () => number;
}

/** When a process was down or stopped, in ms since 1970. */
export interface Away {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Executes the plan, and resolves once everything runs again.
 *
 * Faults of one process happen one after the other: a fault waits while another has its process, and while the broker
 * that it needs is down. A kill or a pause that would come too late is left out.
 */
export async function injectFaults({
  platform,
  mongo,
  dir,
  plan,
  disk,
  beforeLoss,
  note,
  noteAway,
  announced,
}: InjectOptions): Promise<void> {
  const startedAt = Date.now();
  const inTurn = inTurns();
  const store = join(dir, 'nats');
  const older = join(dir, 'nats-older');
  let hasOlder = false;

  /** Called repeatedly while the broker is down, so that the copy restored later is recent. */
  async function keepOlder(): Promise<void> {
    await rm(older, { recursive: true, force: true });
    await cp(store, older, { recursive: true });
    hasOlder = true;
  }

  const inTime = ({ target = '', atMs }: Fault, work: (target: string) => Promise<void>) =>
    inTurn(target, () => work(target), startedAt + atMs + lateAtMostMs);

  async function whileDown(name: string, work: () => Promise<void>, hangsMs = 0): Promise<void> {
    const fromMs = Date.now();
    if (hangsMs > 0) await hang(platform, name, hangsMs);
    await platform.kill(name);
    try {
      await work();
    } finally {
      await platform.restart(name);
      noteAway({ name, fromMs, toMs: Date.now() });
    }
  }

  /** While a service lags behind, so that the streams lose events that it has not received. */
  async function unheard(service: string, forMs: number | undefined, lose: () => Promise<void>): Promise<void> {
    const isMeant = ([name]: [string, number]) => serviceOf(name) === service;
    const stopped = Object.entries(platform.pids()).filter(isMeant);
    const fromMs = Date.now();
    for (const [, pid] of stopped) process.kill(pid, 'SIGSTOP');
    try {
      await sleep(forMs);
      await lose();
    } finally {
      // A process that was killed meanwhile has another pid.
      for (const [name, pid] of stopped) {
        if (platform.pids()[name] === pid) process.kill(pid, 'SIGCONT');
        noteAway({ name, fromMs, toMs: Date.now() });
      }
    }
  }

  let nonsense = 0;
  function howMuchNonsense(): number {
    const due = Math.max(Math.ceil(announced() / 100) - nonsense, 1);
    nonsense += due;
    return due;
  }

  const acts: Record<FaultKind, (fault: Fault) => Promise<void>> = {
    kill: (fault) => inTime(fault, (target) => whileDown(target, async () => undefined)),
    pause: (fault) =>
      inTime(fault, async (target) => {
        const fromMs = Date.now();
        await pause(platform, target, fault.lastsMs ?? 0);
        noteAway({ name: target, fromMs, toMs: Date.now() });
      }),
    outage: ({ lastsMs }) =>
      inTurn('nats', () =>
        whileDown(
          'nats',
          async () => {
            await keepOlder();
            await sleep(lastsMs);
          },
          hangsMs,
        ),
      ),
    wipe: ({ target = '', lastsMs }) =>
      inTurn('nats', () =>
        unheard(target, lastsMs, async () => {
          await beforeLoss();
          await whileDown('nats', () => rm(join(store, 'jetstream'), { recursive: true, force: true }));
          hasOlder = false;
        }),
      ),
    rewind: ({ target = '', lastsMs }) =>
      inTurn('nats', async () => {
        if (!hasOlder) {
          await whileDown('nats', keepOlder);
          await sleep(olderByMs);
        }
        await unheard(target, lastsMs, async () => {
          await beforeLoss();
          await whileDown('nats', async () => {
            await rm(join(store, 'jetstream'), { recursive: true, force: true });
            await cp(join(older, 'jetstream'), join(store, 'jetstream'), { recursive: true });
          });
        });
      }),
    'full-disk': ({ lastsMs }) =>
      inTurn('nats', async () => {
        if (!disk) throw new Error('this machine allows no file system in a file');
        const fromMs = Date.now();
        await disk.fill();
        try {
          await sleep(lastsMs);
        } finally {
          await disk.empty();
          // A server that could not write has disabled JetStream until it restarts, as Kubernetes would see from its
          // health.
          await platform.kill('nats');
          await platform.restart('nats');
          noteAway({ name: 'nats', fromMs, toMs: Date.now() });
        }
      }),
    webhooks: ({ lastsMs }) => inTurn('stripe', () => faulty(platform, lastsMs, webhookFaults)),
    replies: ({ lastsMs }) => inTurn('stripe', () => faulty(platform, lastsMs, replyFaults)),
    'consumer-reset': ({ target = '' }) => inTurn('nats', () => forget(platform, target)),
    unreadable: () => inTurn('mongo', () => plantUnreadable(mongo)),
    malformed: ({ target = '' }) => inTurn('nats', () => announceNonsense(platform, target, howMuchNonsense())),
  };

  await Promise.all(
    plan.map(async (fault) => {
      await sleep(Math.max(startedAt + fault.atMs - Date.now(), 0));
      const beganMs = Date.now() - startedAt;
      const failed = await acts[fault.kind](fault).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      note({ ...fault, beganMs, endedMs: Date.now() - startedAt, ...(failed === undefined ? {} : { failed }) });
    }),
  );
}

/** How late a process may be killed or paused. The faults that only happen once wait as long as it takes. */
const lateAtMostMs = 5_000;

/** How many events are announced between taking a copy of the streams and restoring it. */
const olderByMs = 3_000;

/** How long the broker hangs before it is gone: what is asked of it meanwhile is lost without an answer. */
const hangsMs = 500;

async function pause(platform: Platform, name: string, lastsMs: number): Promise<void> {
  process.kill(await hang(platform, name, lastsMs), 'SIGCONT');
}

/** Leaves it stopped, and resolves with its id. */
async function hang(platform: Platform, name: string, lastsMs: number): Promise<number> {
  const pid = platform.pids()[name];
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGSTOP');
  await sleep(lastsMs);
  return pid;
}

const webhookFaults = {
  loseWebhooks: { probability: 0.5 },
  repeatWebhooks: { probability: 0.3, times: 2 },
  reorderWebhooks: { probability: 0.3 },
  delayWebhooksMs: { min: 0, max: 2_000 },
};
const replyFaults = { dropReplies: { probability: 0.3 }, failRequests: { probability: 0.1, status: 500 } };

async function faulty(platform: Platform, lastsMs = 0, faults: object): Promise<void> {
  const set = async (body: object) => {
    const response = await fetch(new URL('/sandbox/faults', platform.stripe.url), {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${platform.stripe.secretKey}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the sandbox answered ${response.status}: ${await response.text()}`);
  };
  // Each setting restarts the random choices, so each gets its own seed.
  await set({ ...faults, seed: ++sandboxSeeds });
  await sleep(lastsMs);
  await set({});
}
let sandboxSeeds = 0;

/** Deletes a consumer, so that its service recreates it and receives the whole stream again. */
async function forget(platform: Platform, target: string): Promise<void> {
  const [stream = '', consumer = ''] = target.split('/');
  await withJetStream(platform.operator, (manager) => manager.consumers.delete(stream, consumer));
}

/** An event type of each stream; invalid events are published under it. */
const subjects: Readonly<Record<string, string>> = {
  tickets: 'updated',
  orders: 'created',
  payments: 'authorized',
  expiration: 'completed',
};

const nonsense = ['', 'not JSON', '{}', '{"id":1,"version":"two"}', '[]', '\u0000\u0001'];
let nonsenseMade = 0;

async function announceNonsense(platform: Platform, target: string, count: number): Promise<void> {
  const [stream = ''] = target.split('/');
  const connection = await connect(platform.operator);
  try {
    for (let made = 0; made < count; made++) {
      const id = (nonsenseMade++).toString(16).padStart(24, 'f');
      connection.publish(`${stream}.${id}.${subjects[stream]}`, nonsense[nonsenseMade % nonsense.length]);
    }
    await connection.flush();
  } finally {
    await connection.close();
  }
}
