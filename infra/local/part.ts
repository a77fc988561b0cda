import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './starting.ts';

export type Settings = Readonly<Record<string, string>>;

/** One process of the platform: how to start it, and how to check that it is ready. */
export interface Plan {
  readonly name: string;
  /** @param over settings that override the planned ones */
  readonly start: (over: Settings) => Promise<Engine>;
  /** What it still waits for, as a clause; nothing once it is ready. */
  readonly waitsFor: () => Promise<string | undefined>;
}

export interface KeepOptions {
  /** Restart it whenever it ends by itself, with growing pauses. */
  readonly keepAlive: boolean;
  readonly print: (line: string) => void;
  /** Called whenever it runs anew, with another pid. */
  readonly onChange?: () => void;
}

/** A process that can be ended and started again, always at the same address. */
export interface Part {
  readonly name: string;
  readonly pid: () => number | undefined;
  /** Which program it is and why, once it runs. */
  readonly why: () => string | undefined;
  readonly start: () => Promise<void>;
  /** What it still waits for, as a clause; nothing once it is ready. */
  readonly waitsFor: () => Promise<string | undefined>;
  readonly ready: (withinMs?: number) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Kills it with a signal, SIGKILL by default, as a crash would. Resolves once it is gone. */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** @param over settings that it runs with from now on, beside the planned ones */
  readonly restart: (over?: Settings) => Promise<void>;
}

const shortestPauseMs = 500;
const longestPauseMs = 10_000;
/** After running this long, a process is restarted with the shortest pause again. */
const settledMs = 30_000;

export function keep(plan: Plan, { keepAlive, print, onChange }: KeepOptions): Part {
  let current: Engine | undefined;
  let gone: string | undefined;
  let pauseMs = shortestPauseMs;
  let decisions = 0;
  let settings: Settings = {};
  let wanted = new AbortController();
  wanted.abort();

  async function start(): Promise<void> {
    wanted = new AbortController();
    await startWhile(wanted.signal);
  }

  async function startWhile(signal: AbortSignal): Promise<void> {
    const engine = await plan.start(settings);
    if (signal.aborted) return engine.stop();
    gone = undefined;
    current = engine;
    onChange?.();
    const startedAt = Date.now();
    void engine.ended.then(async (sentence) => {
      if (current === engine) current = undefined;
      if (signal.aborted) return;
      onChange?.();
      gone = `${sentence}\n${engine.lastLines()}`;
      if (Date.now() - startedAt > settledMs) pauseMs = shortestPauseMs;
      if (keepAlive) await revive(sentence, signal);
    });
  }

  async function revive(sentence: string, signal: AbortSignal): Promise<void> {
    let why = sentence;
    while (!signal.aborted) {
      print(`${why}; starting it again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      if (signal.aborted) return;
      try {
        return await startWhile(signal);
      } catch (error) {
        why = Error.isError(error) ? error.message : String(error);
      }
    }
  }

  async function waitsFor(): Promise<string | undefined> {
    return current ? plan.waitsFor() : (gone ?? 'its start');
  }

  async function ready(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      if (gone && !keepAlive) throw new Error(gone.trimEnd());
      const missing = await waitsFor();
      if (wanted.signal.aborted) throw new Error(`${plan.name} was stopped`);
      if (missing === undefined) return;
      if (Date.now() > deadline) {
        throw new Error(
          `${plan.name} is not ready after ${withinMs / 1000} s: ${missing}\n${current?.lastLines() ?? ''}`,
        );
      }
      await sleep(25);
    }
  }

  async function stop(): Promise<void> {
    decisions++;
    wanted.abort();
    await current?.stop();
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const engine = current;
    engine?.kill(signal);
    await engine?.ended;
  }

  async function restart(over = settings): Promise<void> {
    settings = over;
    const stopped = stop();
    const decision = decisions;
    await stopped;
    // Another call has stopped or restarted it meanwhile; the latest one wins.
    if (decision !== decisions) return;
    pauseMs = shortestPauseMs;
    await start();
    await ready();
  }

  return {
    name: plan.name,
    pid: () => current?.pid,
    why: () => current?.why,
    start,
    waitsFor,
    ready,
    stop,
    kill,
    restart,
  };
}
