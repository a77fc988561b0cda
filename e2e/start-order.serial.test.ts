import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@box-office/common/testing/eventually';
import { portOf } from '@box-office/local/plans';
import { type LaidOut, layOut } from '@box-office/local/platform';
import { takesConnections } from '@box-office/local/starting';
import { serviceNames } from '../services.ts';
import { startStopwatch, type Took } from './support/stopwatch.ts';

const processes = ['nats', 'mongo', 'traefik', 'stripe', ...serviceNames];
const [first = '', ...others] = serviceNames.filter((name) => name !== 'auth');
const lateMs = 30_000;
/** In which the processors have nothing to do: pauses of the code. A slow machine takes longer for the same work. */
const readyWithinMs = { idle: 2_000, inAll: 30_000 };
/** Including the time spent waiting for a turn. */
const testWithinMs = 600_000;

/**
 * Start-up is measured, so only one platform starts or becomes ready at a time. The half minutes pass together, and
 * the cases without one run meanwhile.
 */
let turn: Promise<unknown> = Promise.resolve();

describe('an engine or service half a minute late', () => {
  it.concurrent.each(processes)(
    '%s: all are ready once it is there, without a pause of 2 s, and nobody has died meanwhile',
    async (late) => {
      const others = processes.filter((name) => name !== late);
      const took = await withPlatform(async (platform) => {
        await alone(() => startTogether(platform, others));
        const before = platform.pids();
        await sleep(lateMs);
        const took = await alone(() => untilReadyAfter(platform, late));
        expect(platform.pids()).toMatchObject(before);
        return took;
      });
      expectSoon(took);
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
    '%s: ready once the last is there, without a pause of 2 s',
    async (_, order) => {
      const took = await withPlatform((platform) =>
        alone(async () => {
          await startInOrder(platform, order.slice(0, -1));
          const before = platform.pids();
          const took = await untilReadyAfter(platform, order.at(-1) ?? '');
          expect(platform.pids()).toMatchObject(before);
          return took;
        }),
      );
      expectSoon(took);
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

function expectSoon({ ms, idleMs }: Took): void {
  expect(idleMs).toBeLessThan(readyWithinMs.idle);
  expect(ms).toBeLessThan(readyWithinMs.inAll);
}

/** From the last one's listening until everything is ready. */
async function untilReadyAfter(platform: LaidOut, last: string): Promise<Took> {
  await platform.startOne(last);
  await eventually(() => takesConnections(portOf(platform.addresses[last] ?? '')));
  const read = await startStopwatch();
  await platform.ready(60_000);
  return read();
}
