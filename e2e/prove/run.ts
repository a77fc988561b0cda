import { createWriteStream, rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '@box-office/local/platform';
import type { Stripe } from '@box-office/local/service-env';
import { MongoClient } from 'mongodb';
import { serviceNames, services } from '../../services.ts';
import { openShop, ordersWithoutLimits } from '../support/shop.ts';
import { check } from './checker.ts';
import { type Done, startCrowd } from './crowd/crowd.ts';
import type { SceneName } from './crowd/scenes.ts';
import { type Evidence, type Stored, stored } from './evidence.ts';
import { type Away, type Injected, injectFaults } from './faults.ts';
import { allHandled } from './handled.ts';
import { recorder } from './history.ts';
import { mailServer, type ReceivedMail } from './mail-server.ts';
import { observe } from './observer.ts';
import { type Fault, type FaultKind, planFaults, serviceOf } from './plan.ts';
import { isMoneyMoving } from './promises/aftermath.ts';
import { owed } from './promises/cancelled-shows.ts';
import { unmailed } from './promises/mails.ts';
import { unsettled } from './promises/resale.ts';
import type { Verdict } from './promises/verdict.ts';
import { unserved } from './promises/waiting-line.ts';
import { salesShown } from './sales-shown.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';

export interface RunOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly rate: number;
  readonly kinds: readonly FaultKind[];
  readonly scenes: readonly SceneName[];
  readonly replicas: number;
  /** Services and engines whose processes may be killed or paused. Default: all. */
  readonly targets?: readonly string[] | undefined;
  /** How long a reservation lasts, in ms: short, so that many orders expire within a run. */
  readonly windowMs: number;
  /** How long it may take to settle at the end; then the state is judged as it is. */
  readonly restWithinMs: number;
  /** Receives all output of the processes. */
  readonly logFile: string;
  /** Called twice a second with the progress. */
  readonly progress: (line: string) => void;
}

export interface Report {
  readonly seed: number;
  readonly durationMs: number;
  readonly plan: readonly Fault[];
  readonly faults: readonly Injected[];
  readonly done: Done;
  readonly verdicts: readonly Verdict[];
  readonly evidence: Evidence;
  /** From the end of the last fault until nothing changed any more, in ms. */
  readonly restMs: number;
}

/** What has not changed for this long after the last order's deadline never will. */
const stillMs = 10_000;
/** The same if somebody is still to be refunded or served: others may take over half a minute after a process died. */
const unfinishedMs = 45_000;

/** Durable consumers as `<stream>/<service>`, derived from who listens to whom. */
const consumersOf = (isTarget: (service: string) => boolean): string[] =>
  services
    .filter(({ name }) => isTarget(name))
    .flatMap(({ name, listensTo }) => listensTo.map((stream) => `${stream}/${name}`));

/** Who is served from a waiting list has as much time as others. */
const windows = (ms: number) => ({ ORDER_WINDOW_MS: `${ms}`, WAITING_WINDOW_MS: `${ms}`, MAX_WAITING: '0' });

const unlimited = {
  SIGNUPS_PER_ADDRESS: '100000',
  SIGNIN_FAILURES_PER_ADDRESS: '100000',
  WRITES_PER_MINUTE: '1000000',
};

/** Where processes die, what they were sending must not wait for minutes. */
const leaseOf = (kinds: readonly FaultKind[]) => (isCalm(kinds) ? {} : { MAIL_LEASE_MS: '10000' });

/** Runs a crowd on a platform while faults are injected, waits until it has settled, and judges the result. */
export async function proveOnce(options: RunOptions): Promise<Report> {
  const { seed, durationMs, rate, kinds, progress } = options;
  const log = createWriteStream(options.logFile);
  const dir = await mkdtemp(join(tmpdir(), 'box-office-prove-'));
  const disk = kinds.includes('full-disk') ? await diskFor(join(dir, 'nats'), progress) : undefined;
  // Removed after the disk is unmounted.
  process.once('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const mail = await mailServer();
  const shop = await openShop({
    dir,
    client: false,
    replicas: Object.fromEntries(serviceNames.map((service) => [service, options.replicas])),
    env: {
      auth: unlimited,
      tickets: unlimited,
      orders: { ...unlimited, ...ordersWithoutLimits, ...windows(options.windowMs), SWEEP_EVERY_MS: '2000' },
      mail: { ...unlimited, SMTP_URL: mail.url, MAIL_PAUSE_MS: '200', ...leaseOf(kinds) },
      payments: { ...unlimited, RECONCILE_EVERY_MS: '2000', RECONCILE_AFTER_MS: '4000' },
    },
    logs: (name, line) => void log.write(`${new Date().toISOString()} ${name} ${line}\n`),
  });
  const { platform } = shop;
  const mongo = new MongoClient(platform.addresses.mongo ?? '', { serverSelectionTimeoutMS: 60_000 });
  const closing = new AbortController();
  try {
    const history = recorder();
    const calm = isCalm(kinds);
    const observer = observe(platform.operator, mongo);
    const { scenes } = options;
    const crowd = await startCrowd({ shop, recorder: history, seed, rate, calm, scenes, signal: closing.signal });
    const isTarget = (service: string) => options.targets?.includes(service) ?? true;
    const processes = Object.keys(platform.pids()).filter(
      (name) => !['traefik', 'stripe'].includes(name) && isTarget(serviceOf(name)),
    );
    const plan = planFaults({ seed, durationMs, kinds, processes, consumers: consumersOf(isTarget) });
    const faults: Injected[] = [];
    const away: Away[] = [];
    const startedAt = Date.now();
    const ticking = setInterval(() => {
      const at = Math.round((Date.now() - startedAt) / 1000);
      const { orders, paid } = crowd.done;
      progress(
        `${at} s of ${durationMs / 1000}: ${orders} orders, ${paid} paid, ${faults.length} of ${plan.length} faults`,
      );
    }, 500);

    await Promise.all([
      sleep(durationMs),
      injectFaults({
        platform,
        mongo,
        dir,
        plan,
        disk,
        announced: () => observer.announcements.length,
        beforeLoss: () => observer.caughtUp(10_000).catch(() => undefined),
        note: (fault) => void faults.push(fault),
        noteAway: (it) => void away.push(it),
      }),
    ]);
    if (plan.length > 0 && durationMs >= longMs) await sleep(peaceMs);
    closing.abort();
    await crowd.gone;
    clearInterval(ticking);

    progress('waiting until it has settled');
    const endedAt = Date.now();
    const died = await whoDied(platform);
    // Webhooks that a fault has lost stay lost: payments has to find out by itself.
    const last = await atRest(mongo, platform.stripe, mail.received, options, async () => {
      await observer.caughtUp(1_000);
      return allHandled(platform.operator);
    });
    const restMs = Date.now() - endedAt;
    await observer.stop();
    const evidence: Evidence = {
      ...last,
      sales: await salesShown(platform.url, last.shows, crowd.organisers),
      announcements: observer.announcements,
      streamsLost: faults.some(({ kind, failed }) => failed === undefined && (kind === 'wipe' || kind === 'rewind')),
      regressions: observer.regressions,
      looks: observer.looks(),
      commands: history.commands,
      commandsFromMs: history.startedAt,
      cells: crowd.cells,
      calm,
      replicas: options.replicas,
      away,
      died,
    };
    return { seed, durationMs, plan, faults, done: crowd.done, verdicts: check(evidence), evidence, restMs };
  } finally {
    closing.abort();
    await mongo.close();
    // What they would still do no longer counts.
    await Promise.all(Object.keys(platform.pids()).map((name) => platform.kill(name)));
    await platform.stop();
    await disk?.remove();
    await shop.end();
    await mail.close();
    log.end();
  }
}

/** Not every machine allows mounting; the report then says that this fault was not possible. */
async function diskFor(folder: string, progress: (line: string) => void): Promise<SmallDisk | undefined> {
  await mkdir(folder, { recursive: true });
  return smallDisk(folder).catch((error: unknown) => {
    progress(`no disk can be filled here: ${Error.isError(error) ? error.message.split('\n')[0] : error}`);
    return undefined;
  });
}

/** Every fault restores its process, so whatever is missing now has ended by itself. */
async function whoDied(platform: Platform): Promise<string[]> {
  const running = platform.pids();
  const waiting = await platform.waitsFor();
  return Object.entries(waiting)
    .filter(([name]) => running[name] === undefined)
    .map(([name, what]) => `${name}: ${what}`);
}

/**
 * Resolves with the stored state once every order has ended and nothing changes any more, or once nothing has changed
 * for so long that it never will.
 */
async function atRest(
  mongo: MongoClient,
  stripe: Stripe,
  received: readonly ReceivedMail[],
  { windowMs, restWithinMs }: Pick<RunOptions, 'windowMs' | 'restWithinMs'>,
  allHeard: () => Promise<boolean>,
) {
  const deadline = Date.now() + restWithinMs;
  const stuckMs = windowMs + stillMs;
  let before = '';
  let wasHeard = false;
  let movedAt = Date.now();
  for (;;) {
    const now = await stored(mongo, stripe, received);
    const isHeard = await allHeard().catch(() => false);
    const hasEnded = now.orders.every(({ status }) => ends.includes(status));
    const isQuiet = now.unannounced.length === 0 && now.unsent.length === 0 && hasEnded && !isUnfinished(now);
    const picture = JSON.stringify(now);
    // Before it was read as well: what was heard just afterwards is not in it.
    if (isQuiet && wasHeard && isHeard && picture === before) return now;
    if (picture !== before) movedAt = Date.now();
    const patienceMs = isUnfinished(now) ? Math.max(stuckMs, unfinishedMs) : stuckMs;
    if (Date.now() > deadline || Date.now() - movedAt > patienceMs) return now;
    before = picture;
    wasHeard = isHeard;
    await sleep(2_000);
  }
}

/** Whether anybody is still to be refunded, served or told. */
const isUnfinished = (now: Stored): boolean =>
  isMoneyMoving(now) || [owed, unsettled, unserved, unmailed].some((due) => due(now).length > 0);

/**
 * How long the crowd goes on after the last fault of a run that takes so long. While processes are killed hardly
 * anything takes its whole course on a small machine, so some promises would not be shown to hold.
 */
const [peaceMs, longMs] = [30_000, 120_000];

/** Faults that do not disturb our processes. */
const harmless: readonly FaultKind[] = ['malformed', 'unreadable', 'webhooks'];

const isCalm = (kinds: readonly FaultKind[]): boolean => kinds.every((kind) => harmless.includes(kind));

const ends: readonly string[] = ['complete', 'cancelled'];
