import { useEffect } from 'react';
import type { DeadLetter } from '../../../src/api/dead-letters.ts';
import type { Page } from '../../../src/api/page.ts';
import type { Stream } from '../../../src/api/streams.ts';
import type { System } from '../../../src/api/system.ts';
import { useThing } from './hooks.ts';

export const useSystem = () => useThing<System>('/api/system', ['processes']);

export const useStreams = () => useThing<{ items: readonly Stream[] }>('/api/streams', ['streams']);

export const useNewestLetters = () =>
  useThing<Page<DeadLetter>>('/api/dead-letters', ['dead-letter', 'dead-letter-gone'], { params: { limit: '50' } });

/** `0`, `12`, or `50+` */
export function useDeadLetterCount(): string {
  const { data } = useNewestLetters();
  return `${data?.items.length ?? 0}${data?.next ? '+' : ''}`;
}

/** The names of the services that run, for filters. */
export function useServiceNames(): string[] {
  const { data } = useSystem();
  const names = data?.processes.filter(({ kind }) => kind === 'service').map(({ name, service }) => service ?? name);
  return [...new Set(names)].sort();
}

/** The names of all processes, for the filter of logs. */
export function useProcessNames(): string[] {
  const { data } = useSystem();
  return (data?.processes.map(({ name }) => name) ?? []).toSorted();
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Box Office console`;
  }, [title]);
}
