import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from '@box-office/common/command';
import pc from 'picocolors';
import { localDir } from './engines.ts';
import { EngineMissing } from './find.ts';
import { namesOf } from './gateway.ts';
import { localCertificate } from './https.ts';
import { tryLock } from './lock.mjs';
import { logFiles } from './log-files.ts';
import { logPrinter } from './logs.ts';
import type { Logs } from './plans.ts';
import { type LaidOut, layOut } from './platform.ts';
import { onSourceChange } from './reload.ts';
import { shopPort } from './shop-port.ts';
import { CannotStart, PortTaken } from './starting.ts';
import { mustBeOurs, mustBeWritable } from './usable.ts';
import { loopback } from './where.ts';

const { values } = commandLine({
  name: 'npm start',
  does: 'runs the whole platform and prints the address of the shop',
  options: {
    fresh: { does: 'first deletes all people, tickets, orders and payments, but nothing at MONGO_URL' },
    https: { does: 'serves the shop by https, with a certificate from mkcert if that is installed' },
    demo: { does: 'also creates two people, a dozen tickets and a show, and prints two logins' },
    state: {
      value: 'FOLDER',
      default: join(localDir, 'state'),
      does: 'keeps all data there; one platform at a time per folder',
    },
    'no-console': { does: 'leaves out the console, the page that shows what happens inside' },
    host: {
      value: 'ADDRESS',
      default: loopback,
      does: 'the address to listen on; 0.0.0.0 opens the shop to other machines as well',
    },
  },
});

/** Beside the shop's usual port. */
const usualConsolePort = 8090;

/** Another process may take a port between our choice and its use; then all are chosen again. */
const portTries = 3;

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { fresh, demo, https, state, host, 'no-console': withoutConsole } = values;
  const stateDir = resolve(state);
  await Promise.all([mustBeWritable(stateDir), mustBeOurs(host)]);
  const lock = tryLock(`${stateDir}.lock`);
  if (!lock.taken) {
    const { pid, url } = lock.holder;
    print(url ? `It is running already: ${url} (process ${pid})` : `It is already being started by process ${pid}`);
    return 1;
  }
  const ending = askedToEnd();
  try {
    if (fresh) await rm(stateDir, { recursive: true, force: true });
    for (let tries = 1; ; tries++) {
      try {
        await lifeOf({ stateDir, host, https, demo, withConsole: !withoutConsole, ending, note: lock.note });
        return 0;
      } catch (error) {
        if (!(error instanceof PortTaken) || tries === portTries) throw error;
        print(`${error.message}; trying others`);
      }
    }
  } finally {
    lock.release();
  }
}

interface Life {
  readonly stateDir: string;
  readonly host: string;
  readonly https: boolean;
  readonly demo: boolean;
  readonly withConsole: boolean;
  /** Resolves when it is asked to end. */
  readonly ending: Promise<void>;
  /** Publishes the addresses and processes to other programs. */
  readonly note: (addresses: Record<string, unknown>) => void;
}

async function lifeOf({ stateDir, host, https, demo, withConsole, ending, note }: Life): Promise<void> {
  const files = withConsole ? logFiles(join(stateDir, 'logs')) : undefined;
  const print = logPrinter((text) => process.stdout.write(text));
  const logs: Logs = (name, line) => {
    print(name, line);
    files?.write(name, line);
  };
  let noteDown = () => {};
  // Engines may be installed first, which takes minutes; a request to end does not wait for that.
  const platform = await Promise.race([
    ending.then(() => undefined),
    layOutShop({ stateDir, host, https, withConsole, logs, onChange: () => noteDown() }),
  ]);
  if (!platform) return;
  const { nats, mongo, stripe, mail, console } = platform.addresses;
  const addresses = { natsUrl: nats, mongoUrl: mongo, stripeUrl: stripe, mailUrl: mail, consoleUrl: console };
  noteDown = () => note({ url: platform.url, ...addresses, pids: platform.pids() });
  noteDown();
  try {
    await run(platform, demo, ending);
  } finally {
    files?.close();
  }
}

interface ShopOptions extends Pick<Life, 'stateDir' | 'host' | 'https' | 'withConsole'> {
  readonly logs: Logs;
  readonly onChange: () => void;
}

async function layOutShop({ stateDir, host, https, withConsole, logs, onChange }: ShopOptions): Promise<LaidOut> {
  const consolePort = () => shopPort(`${stateDir}.console-port`, loopback, usualConsolePort);
  const certificate = https ? await localCertificate(`${stateDir}.https`, namesOf(host)) : undefined;
  if (certificate) print(certificate.issuer);
  return layOut({
    dir: stateDir,
    port: () => shopPort(`${stateDir}.port`, host),
    host,
    ...(certificate ? { https: certificate } : {}),
    client: true,
    keepAlive: true,
    // Few payments are open here, and whoever makes a webhook get lost need not wait for half a minute: docs/lab.md.
    env: { payments: { RECONCILE_EVERY_MS: '5000' } },
    ...(withConsole ? { console: { port: consolePort, logsDir: join(stateDir, 'logs'), hasLab: true } } : {}),
    // Whoever names another receiver wants the spans there.
    traces: process.env.OTEL_EXPORTER_OTLP_ENDPOINT || (withConsole ? 'console' : undefined),
    logs,
    onChange,
    find: { print },
    print,
  });
}

/** Runs the platform until it is asked to end. */
async function run(platform: LaidOut, demo: boolean, ending: Promise<void>): Promise<void> {
  const live = (async () => {
    await platform.start();
    const waiting = setInterval(async () => {
      for (const [name, what] of Object.entries(await platform.waitsFor())) print(`Waiting for ${name}: ${what}`);
    }, patienceMs);
    const built = firstPage(platform.addresses.client ?? platform.url);
    await platform.ready().finally(() => clearInterval(waiting));
    await built;
    const seconds = (performance.now() / 1000).toFixed(1);
    print(`\n${pc.bold(`The shop is open: ${platform.url}`)}   (ready after ${seconds} s; Ctrl-C ends everything)`);
    print(
      process.env.SMTP_URL
        ? 'Mails are sent over SMTP_URL.'
        : `Its mailbox:      ${platform.addresses.mail?.replace(loopback, 'localhost')}/mailbox`,
    );
    const { console } = platform.addresses;
    print(console ? `The console:      ${console.replace(loopback, 'localhost')}\n` : '');
    if (demo) {
      const { seed } = await import('./demo.ts');
      await seed(platform.addresses.traefik ?? platform.url, print).catch((error: unknown) =>
        print(`The demo could not be set up: ${error}`),
      );
    }
  })();
  const reload = onSourceChange((services) => {
    print(`Reloading ${services.join(', ')}`);
    for (const service of services) void platform.restart(service).catch((error: unknown) => print(String(error)));
  });
  try {
    await Promise.race([ending, live.then(() => ending)]);
    print('\nEnding…');
  } finally {
    await reload.close();
    await platform.stop();
  }
}

/** After this time it prints what is still missing, and the address even if the first page has not been built. */
const patienceMs = 9_000;

/** Builds the first page, so that its first visitor need not wait. Also returns after the time limit. */
async function firstPage(url: string): Promise<void> {
  const signal = AbortSignal.timeout(Math.max(Math.round(patienceMs - performance.now()), 1));
  while (!signal.aborted) {
    const answer = await fetch(url, { signal }).catch(() => undefined);
    if (answer) return;
    await sleep(100);
  }
}

/** One Ctrl-C arrives twice when both the terminal and npm pass it on; a later one means: end now. */
const impatientAfterMs = 1_000;

function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const ask = (signal?: NodeJS.Signals) => {
      const impatient = askedAt !== undefined && performance.now() - askedAt > impatientAfterMs;
      if (impatient && signal) process.exit(128 + constants.signals[signal]);
      askedAt ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
    // The bootstrap that started us has ended.
    process.once('disconnect', () => ask());
  });
}

try {
  process.exit(await main());
} catch (error) {
  const expected = error instanceof EngineMissing || error instanceof CannotStart;
  process.stderr.write(`${expected ? error.message : Error.isError(error) ? error.stack : error}\n`);
  process.exit(1);
}
