import type { Live } from '../../../src/api/live.ts';

export type Topic = keyof Live;

export interface LiveStatus {
  readonly connection: 'connecting' | 'live' | 'lost';
  readonly paused: boolean;
  /** What arrived since the pause began. */
  readonly held: number;
}

export interface LiveUpdates {
  readonly status: LiveStatus;
  /** Calls back whenever the status has changed. Returns what ends it. */
  watch(changed: () => void): () => void;
  /** Calls back whenever something of these topics has changed, but not during a pause. Returns what ends it. */
  on(topics: readonly Topic[], changed: () => void): () => void;
  pause(paused: boolean): void;
}

interface Listener {
  readonly topics: readonly Topic[];
  readonly changed: () => void;
}

/**
 * Listens to the server for the topics that a page needs, over one connection that is closed while the tab is hidden.
 * After a pause, a lost connection, and a hidden tab everybody is called back, since anything may have changed.
 */
export function liveUpdates(): LiveUpdates {
  const listeners = new Set<Listener>();
  const watchers = new Set<() => void>();
  let status: LiveStatus = { connection: 'connecting', paused: false, held: 0 };
  let source: EventSource | undefined;
  let topicsOfSource = '';
  let scheduled: ReturnType<typeof setTimeout> | undefined;

  function update(change: Partial<LiveStatus>): void {
    status = { ...status, ...change };
    for (const changed of watchers) changed();
  }

  function arrived(topic: Topic): void {
    if (!status.paused) notify((it) => it.topics.includes(topic));
    else if (topic !== 'processes' && topic !== 'streams' && topic !== 'metrics') update({ held: status.held + 1 });
  }

  function notify(concerned: (listener: Listener) => boolean = () => true): void {
    for (const listener of listeners) if (concerned(listener)) listener.changed();
  }

  function close(): void {
    source?.close();
    source = undefined;
    topicsOfSource = '';
  }

  /** A moment later, since a page that opens adds its topics one after the other. */
  function reopen(): void {
    clearTimeout(scheduled);
    scheduled = setTimeout(open, 30);
  }

  function open(): void {
    const topics = [...new Set([...listeners].flatMap((it) => it.topics))].sort();
    if (document.hidden || topics.length === 0) {
      close();
      return;
    }
    if (source?.readyState !== EventSource.CLOSED && topicsOfSource === topics.join()) return;
    const isFirst = status.connection === 'connecting';
    close();
    topicsOfSource = topics.join();
    const opened = new EventSource(`/api/live?only=${topicsOfSource}`);
    source = opened;
    let wasLost = !isFirst && status.connection === 'lost';
    opened.onopen = () => {
      update({ connection: 'live' });
      if (wasLost && !status.paused) notify();
      wasLost = false;
    };
    opened.onerror = () => {
      if (source !== opened) return;
      wasLost = true;
      update({ connection: 'lost' });
      // A browser does not try again by itself after an answer that is not a stream of events.
      if (opened.readyState === EventSource.CLOSED) setTimeout(open, 2_000);
    };
    for (const topic of topics) opened.addEventListener(topic, () => arrived(topic));
  }

  document.addEventListener('visibilitychange', () => {
    open();
    if (!document.hidden && !status.paused) notify();
  });

  return {
    get status() {
      return status;
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    on(topics, changed) {
      const listener = { topics, changed };
      listeners.add(listener);
      reopen();
      return () => {
        listeners.delete(listener);
        reopen();
      };
    },
    pause(paused) {
      update({ paused, held: 0 });
      if (!paused) notify();
    },
  };
}
