import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from './api/streams.ts';
import type { Hub } from './hub.ts';
import type { Broker } from './sources/broker.ts';
import type { DeadLetters } from './sources/dead-letters.ts';
import type { Events } from './sources/events.ts';
import { type LocalProcesses, localProcesses } from './sources/local-processes.ts';
import type { Logs } from './sources/logs.ts';
import type { Members } from './sources/members.ts';
import { isWanted, type Metrics } from './sources/metrics.ts';
import type { Processes, Vitals } from './sources/processes.ts';
import { type Sample, scrape } from './sources/scrape.ts';
import { readStreams } from './sources/streams.ts';

export interface Watched {
  readonly members: Members;
  readonly broker: Broker;
  readonly events: Events;
  readonly letters: DeadLetters;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly processes: Processes;
  readonly hub: Hub;
  readonly failed: (what: string, error: unknown) => void;
}

export interface Watching {
  /** As they were last seen. */
  streams(): readonly Stream[];
  stop(): Promise<void>;
}

const newEventsEveryMs = 500;
const processesEveryMs = 2_000;
const consumersEveryMs = 2_000;
const metricsEveryMs = 10_000;

/** Looks at everything, again and again, and tells what is new. */
export function watchAll(watched: Watched): Watching {
  const { broker, events, logs, processes, hub, failed } = watched;
  const stopping = new AbortController();
  const local = localProcesses();
  let streams: readonly Stream[] = [];
  let told = '';

  async function each(what: string, everyMs: number, look: () => Promise<void>): Promise<void> {
    let wasWrong = false;
    while (!stopping.signal.aborted) {
      try {
        await look();
        wasWrong = false;
      } catch (error) {
        // One message tells it; repeated twice a second it would hide everything else.
        if (!wasWrong && !stopping.signal.aborted) failed(what, error);
        wasWrong = true;
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const loops = (async () => {
    const looking = [
      each('the processes', processesEveryMs, processes.look),
      each('the logs', newEventsEveryMs, logs.read),
      each('the metrics', metricsEveryMs, () => takeMetrics(watched, local, streams)),
    ];
    const bus = await broker.connected(stopping.signal);
    if (!bus) return Promise.all(looking);
    return Promise.all([
      ...looking,
      each('the events', newEventsEveryMs, async () => {
        // One stream that cannot be read does not keep back the others.
        const failures: unknown[] = [];
        for await (const { config, state } of broker.bus().jsm.streams.list()) {
          await events.follow(config.name, state.last_seq).catch((error: unknown) => failures.push(error));
        }
        if (failures.length > 0) throw failures[0];
      }),
      each('the streams', consumersEveryMs, async () => {
        const before = streams.find(({ kind }) => kind === 'dead-letters')?.lastSeq;
        streams = await readStreams(broker.bus(), new Date());
        const state = JSON.stringify(streams);
        if (state !== told) hub.tell('streams', streams);
        told = state;
        await tellLetters(watched, before, streams.find(({ kind }) => kind === 'dead-letters')?.lastSeq);
      }),
    ]);
  })();

  return {
    streams: () => streams,
    async stop() {
      stopping.abort();
      await loops;
    },
  };
}

async function takeMetrics(
  { members, processes, metrics, hub }: Watched,
  local: LocalProcesses,
  streams: readonly Stream[],
): Promise<void> {
  const scraped = new Map<string, readonly Sample[]>();
  for (const { name, kind, url } of members.list()) {
    const samples = kind === 'service' ? await scrape(url, isWanted) : undefined;
    if (samples) scraped.set(name, samples);
    processes.take(name, { ...(await local.at(url)), ...saidBy(samples ?? []) });
  }
  metrics.take(Date.now(), scraped, streams);
  if (hub.isHeard()) hub.tell('metrics', metrics.list(1));
}

/** What a process says about itself, wherever it runs. */
function saidBy(samples: readonly Sample[]): Vitals {
  const said = (metric: string) => samples.find(({ name }) => name === metric)?.value;
  const [rssBytes, startedAt] = [said('process_resident_memory_bytes'), said('process_start_time_seconds')];
  return { ...(rssBytes === undefined ? {} : { rssBytes }), ...(startedAt === undefined ? {} : { startedAt }) };
}

async function tellLetters({ letters, hub }: Watched, before: number | undefined, last = 0): Promise<void> {
  if (!hub.isHeard() || before === undefined) return;
  for (let number = Math.max(before + 1, last - 10); number <= last; number++) {
    const letter = await letters.one(number).catch(() => undefined);
    if (letter) hub.tell('dead-letter', letter);
  }
}
