import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@box-office/common/testing/eventually';
import { portOf } from '@box-office/local/plans';
import { type LaidOut, layOut } from '@box-office/local/platform';
import { takesConnections } from '@box-office/local/starting';
import { serviceNames } from '../services.ts';
import { startStopwatch } from './support/stopwatch.ts';

const processes = ['nats', 'mongo', 'traefik', 'stripe', ...serviceNames];
const [first = '', ...others] = serviceNames.filter((name) => name !== 'auth');
const lateMs = 30_000;
const readyWithinMs = 2_000;
/** Including the time spent waiting for a turn. */
const testWithinMs = 240_000;

/**
 * Start-up is measured, so only one platform starts or becomes ready at a time. The half minutes pass together, and
 * the cases without one run meanwhile.
 */
let turn: Promise<unknown> = Promise.resolve();

describe('an engine or service half a minute late', () => {
  it.concurrent.each(processes)(
    '%s: all are ready within 2 s of it, and nobody has died meanwhile',
    async (late) => {
      const others = processes.filter((name) => name !== late);
      const tookMs = await withPlatform(async (platform) => {
        await alone(() => startTogether(platform, others));
        const before = platform.pids();
        await sleep(lateMs);
        const tookMs = await alone(() => untilReadyAfter(platform, late));
        expect(platform.pids()).toMatchObject(before);
        return tookMs;
      });
      expect(tookMs).toBeLessThan(readyWithinMs);
    },
    testWithinMs,
  );
});

describe('one after the other', () => {
  it.concurrent.each([
    ['as they depend on each other', processes],
    ['the other way round', processes.toReversed()],
    ['services between the engines', [first, 'mongo', ...others, 'nats', 'traefik', 'auth', 'stripe']],
  ])(
    '%s: ready within 2 s of the last',
    async (_, order) => {
      const tookMs = await withPlatform((platform) =>
        alone(async () => {
          await startInOrder(platform, order.slice(0, -1));
          const before = platform.pids();
          const tookMs = await untilReadyAfter(platform, order.at(-1) ?? '');
          expect(platform.pids()).toMatchObject(before);
          return tookMs;
        }),
      );
      expect(tookMs).toBeLessThan(readyWithinMs);
    },
    testWithinMs,
  );
});

function alone<Result>(act: () => Promise<Result>): Promise<Result> {
  const mine = turn.then(act);
  turn = mine.catch(() => {});
  return mine;
}

async function withPlatform<Result>(act: (platform: LaidOut) => Promise<Result>): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'box-office-start-'));
  const platform = await layOut({ dir, client: false });
  try {
    return await act(platform);
  } finally {
    await platform.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Resolves once they only wait: from then on this platform does not disturb what others measure. */
async function startTogether(platform: LaidOut, names: readonly string[]): Promise<void> {
  await Promise.all(names.map(platform.startOne));
  const ports = names.map((name) => portOf(platform.addresses[name] ?? ''));
  await eventually(() => Promise.all(ports.map(takesConnections)));
}

async function startInOrder(platform: LaidOut, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await platform.startOne(name);
    await sleep(200);
  }
}

/** Milliseconds from the last one's listening until everything is ready. */
async function untilReadyAfter(platform: LaidOut, last: string): Promise<number> {
  await platform.startOne(last);
  await eventually(() => takesConnections(portOf(platform.addresses[last] ?? '')));
  const tookMs = await startStopwatch();
  await platform.ready(60_000);
  return tookMs();
}
