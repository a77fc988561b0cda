import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from './guarded.ts';
import { freePort, isFree } from './ports.ts';

export interface Engine {
  readonly url: string;
  /** Missing for an external engine. */
  readonly pid: number | undefined;
  /** Which one it is, and why that one. */
  readonly why: string;
  /** Resolves with a sentence once it has ended, for any reason; never for an external engine. */
  readonly ended: Promise<string>;
  /** The last lines of its output, to show when it failed. */
  readonly lastLines: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

/** Its message is meant for people; no stack is needed. */
export class CannotStart extends Error {
  constructor(name: string, reason: string) {
    super(`${name} cannot be started: ${reason}`);
    this.name = 'CannotStart';
  }
}

/** Another process listens on its port. */
export class PortTaken extends CannotStart {
  constructor(name: string, port: number | undefined, output = '') {
    super(name, `port ${port} is taken\n${output}`.trimEnd());
    this.name = 'PortTaken';
  }
}

/** Thrown while waiting, when the server will never be ready. */
export class NeverReady extends Error {}

/** A program that has been started and may not be ready yet. */
export interface Starting {
  readonly running: Running;
  readonly url: string;
  readonly why: string;
  readonly isReady: () => Promise<boolean>;
}

/** Another process may take a free port between our choice and its use; then the next one is tried. */
const portTries = 3;
/** A limit for what hangs: a program that fails ends, which is noticed at once. */
const readyWithinMs = 120_000;

/**
 * Starts a server on a port (any free one when none is given) and waits until it is ready.
 *
 * @throws PortTaken when the given port is taken on `host` (default 127.0.0.1)
 * @throws when it is not ready, with its last output; nothing is left running
 */
export async function startOnPort(
  name: string,
  port: number | undefined,
  start: (port: number) => Promise<Starting>,
  host?: string,
): Promise<Engine> {
  if (port !== undefined && !(await isFree(port, host))) throw new PortTaken(name, port);
  for (let attempt = 1; ; attempt++) {
    const { running, url, why, isReady } = await start(port ?? (await freePort()));
    const ready = await becomesReady(running, isReady).catch(async (error: unknown) => {
      await running.stop();
      throw error;
    });
    if (ready) {
      return engineOf(running, url, why);
    }
    await running.stop();
    const output = running.lastLines();
    const portTaken = /address already in use|EADDRINUSE/i.test(output);
    if (portTaken && port === undefined && attempt < portTries) continue;
    if (portTaken) throw new PortTaken(name, port, output);
    throw new CannotStart(name, `it was not ready: ${await reasonOf(running)}\n${output}`.trimEnd());
  }
}

export function engineOf(running: Running, url: string, why: string): Engine {
  const { pid, ended, lastLines, kill } = running;
  return { url, pid, why, ended, lastLines, kill, stop: () => running.stop() };
}

async function reasonOf(running: Running): Promise<string> {
  return running.hasEnded() ? await running.ended : `${readyWithinMs / 1000} s were not enough`;
}

async function becomesReady(running: Running, isReady: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + readyWithinMs;
  while (!running.hasEnded() && Date.now() < deadline) {
    if (await isReady().catch(notYet)) return !running.hasEnded();
    await sleep(20);
  }
  return false;
}

function notYet(error: unknown): false {
  if (error instanceof NeverReady) throw error;
  return false;
}

/** Resolves once a server takes a connection. @throws when none does */
export async function takesConnections(port: number): Promise<void> {
  await withConnection(port, (_socket, done) => done(''));
}

/** The first bytes that a server sends on a new connection. @throws when none come */
export function greeting(port: number): Promise<string> {
  return withConnection(port, (socket, done) => socket.once('data', (data) => done(data.toString())));
}

function withConnection(port: number, use: (socket: Socket, done: (text: string) => void) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('connect', () =>
      use(socket, (text) => {
        socket.destroy();
        resolve(text);
      }),
    );
  });
}
