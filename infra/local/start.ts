import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import getPort from 'get-port';
import pc from 'picocolors';
import { localDir } from './engines.ts';
import { EngineMissing } from './find.ts';
import { tryLock } from './lock.mjs';
import { logPrinter } from './logs.ts';
import { type LaidOut, layOut } from './platform.ts';
import { onSourceChange } from './reload.ts';
import { CannotStart } from './starting.ts';

const usage = `npm start              run the whole platform and print the address of the shop
npm start -- --fresh   forget all people, tickets, orders and payments first
npm start -- --demo    make two people and a dozen tickets
npm start -- --state FOLDER   keep everything there instead of in .local/state; one platform runs from each folder`;

/** Where people look first; another when it is taken. */
const usualPort = 8080;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { fresh, demo, help, state } = options();
  if (help) {
    say(usage);
    return 0;
  }
  const stateDir = resolve(state);
  const lock = tryLock(`${stateDir}.lock`);
  if (!lock.taken) {
    const { pid, url } = lock.holder;
    say(url ? `It is running already: ${url} (process ${pid})` : `It is being started already, by process ${pid}`);
    return 1;
  }
  try {
    if (fresh) await rm(stateDir, { recursive: true, force: true });
    const port = await getPort({ host: '127.0.0.1', port: usualPort });
    if (port !== usualPort) say(`Port ${usualPort} is taken; the shop is at ${port} this time`);
    const platform = await layOut({
      dir: stateDir,
      port,
      client: true,
      keepAlive: true,
      logs: logPrinter((text) => process.stdout.write(text)),
      find: { say },
      say,
    });
    const { nats, mongo, stripe } = platform.addresses;
    lock.note({ url: platform.url, natsUrl: nats, mongoUrl: mongo, stripeUrl: stripe });
    await run(platform, demo);
    return 0;
  } finally {
    lock.release();
  }
}

function options(): { fresh: boolean; demo: boolean; help: boolean; state: string } {
  const flag = { type: 'boolean', default: false } as const;
  const state = { type: 'string', default: join(localDir, 'state') } as const;
  const { values } = parseArgs({ options: { fresh: flag, demo: flag, help: { ...flag, short: 'h' }, state } });
  return values;
}

/** Runs the platform until somebody asks it to end. */
async function run(platform: LaidOut, demo: boolean): Promise<void> {
  const ending = askedToEnd();
  const live = (async () => {
    await platform.start();
    const waiting = setInterval(async () => {
      for (const [name, what] of Object.entries(await platform.waitsFor())) say(`Waiting for ${name}: ${what}`);
    }, patienceMs);
    const built = firstPage(platform.addresses.client ?? platform.url);
    await platform.ready().finally(() => clearInterval(waiting));
    await built;
    const seconds = (performance.now() / 1000).toFixed(1);
    say(`\n${pc.bold(`The shop is open: ${platform.url}`)}   (ready after ${seconds} s; Ctrl-C ends everything)\n`);
    if (demo) {
      const { seed } = await import('./demo.ts');
      await seed(platform.url, say).catch((error: unknown) => say(`The demo could not be set up: ${error}`));
    }
  })();
  const reload = onSourceChange((services) => {
    say(`Reloading ${services.join(', ')}`);
    for (const service of services) void platform.restart(service).catch((error: unknown) => say(String(error)));
  });
  try {
    await Promise.race([ending, live.then(() => ending)]);
    say('\nEnding…');
  } finally {
    await reload.close();
    await platform.stop();
  }
}

/** After this time people are told what is still missing, and the address even if the first page has not been built. */
const patienceMs = 9_000;

/** Has the first page built, so that it is there when somebody comes. Returns when people have waited long enough, too. */
async function firstPage(url: string): Promise<void> {
  const signal = AbortSignal.timeout(Math.max(Math.round(patienceMs - performance.now()), 1));
  while (!signal.aborted) {
    const answer = await fetch(url, { signal }).catch(() => undefined);
    if (answer) return;
    await sleep(100);
  }
}

/** Signals come twice when a terminal and npm both pass on one Ctrl-C; a later one means that somebody has lost patience. */
const impatientAfterMs = 1_000;

function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const ask = () => {
      if (askedAt !== undefined && performance.now() - askedAt > impatientAfterMs) process.exit(130);
      askedAt ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
    // The bootstrap that started us is gone, whatever ended it.
    process.once('disconnect', ask);
  });
}

try {
  process.exit(await main());
} catch (error) {
  const expected =
    error instanceof EngineMissing || error instanceof CannotStart || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`${expected ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exit(1);
}
