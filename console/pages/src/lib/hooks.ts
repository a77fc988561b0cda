import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { useSearchParams } from 'react-router';
import type { Page } from '../../../src/api/page.ts';
import { get, type Params, withParams } from './api.ts';
import type { LiveStatus, LiveUpdates, Topic } from './live.ts';
import { refresher } from './refresher.ts';
import { ticking } from './ticking.ts';

export const LiveContext = createContext<LiveUpdates | undefined>(undefined);

/** The shortest time between two questions for the same list. */
const refreshMs = 1_000;
/** Someone who has scrolled this far reads: new lines would move the text under their eyes. */
const readingFrom = 160;

export function useLive(): LiveUpdates {
  const live = useContext(LiveContext);
  if (!live) throw new Error('there are no live updates outside LiveContext');
  return live;
}

export function useLiveStatus(): LiveStatus {
  const live = useLive();
  return useSyncExternalStore(live.watch, () => live.status);
}

/** The time in milliseconds, new each second, the same for everything on the page. */
export const useNow = (): number => useSyncExternalStore(ticking.watch, ticking.now);

/** One parameter of the address, '' if it is missing. Setting it leaves the others. */
export function useParam(name: string): [value: string, set: (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParams(
        (old) => {
          const changed = new URLSearchParams(old);
          if (value) changed.set(name, value);
          else changed.delete(name);
          return changed;
        },
        { replace: true, preventScrollReset: true },
      ),
    [name, setParams],
  );
  return [params.get(name) ?? '', set];
}

/** Several parameters of the address by their names, '' for those that are missing. */
export function useFilters<Name extends string>(names: readonly Name[]): Readonly<Record<Name, string>> {
  const [params] = useSearchParams();
  // Object.fromEntries forgets which names there are.
  return Object.fromEntries(names.map((name) => [name, params.get(name) ?? ''])) as Record<Name, string>;
}

interface ThingOptions<Thing> {
  readonly params?: Params;
  /** Whether it changes with time alone, so that it has to be asked for again and again. */
  readonly ages?: (thing: Thing) => boolean;
}

const agesMs = 3_000;

/** One thing from the server, asked again when something of the topics has changed. */
export function useThing<Thing>(
  path: string | undefined,
  topics: readonly Topic[],
  { params = {}, ages }: ThingOptions<Thing> = {},
) {
  const client = useQueryClient();
  const live = useLive();
  const address = path ? withParams(path, params) : '';
  const names = topics.join();
  const query = useQuery({
    queryKey: [address],
    queryFn: ({ signal }) => get<Thing>(address, signal),
    enabled: path !== undefined,
    refetchInterval: ({ state: { data } }) => (data && !live.status.paused && ages?.(data) ? agesMs : false),
  });
  useEffect(() => {
    if (!address) return;
    const { ask, end } = refresher(() => client.invalidateQueries({ queryKey: [address], exact: true }), refreshMs);
    const off = live.on(names.split(',').filter(Boolean) as Topic[], ask);
    return () => {
      off();
      end();
    };
  }, [client, live, address, names]);
  return query;
}

export interface List<Item> {
  readonly items: readonly Item[];
  /** Nothing has been answered yet. */
  readonly isLoading: boolean;
  /** What is shown belongs to other filters: the answer to these is awaited. */
  readonly isStale: boolean;
  readonly error: Error | null;
  /** Whether there is more to come that was not shown yet, since the user reads. */
  readonly hasNew: boolean;
  showNew(): void;
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  showOlder(): void;
  reload(): Promise<unknown>;
}

/** A list from the server, newest first, that follows the topics as long as the user is at its beginning. */
export function useList<Item>(path: string, params: Params, topics: readonly Topic[], limit = 50): List<Item> {
  const client = useQueryClient();
  const live = useLive();
  const [hasNew, setHasNew] = useState(false);
  const address = withParams(path, params);
  const names = topics.join();
  const query = useInfiniteQuery({
    queryKey: ['list', address],
    queryFn: ({ pageParam, signal }) =>
      get<Page<Item>>(withParams(path, { ...params, limit: `${limit}`, before: pageParam }), signal),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const reload = useCallback(async () => {
    setHasNew(false);
    // The beginning alone: what was loaded below it would be asked for again, page by page.
    client.setQueryData<typeof query.data>(
      ['list', address],
      (old) => old && { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) },
    );
    await client.invalidateQueries({ queryKey: ['list', address], exact: true });
  }, [client, address]);

  useEffect(() => {
    const { ask, end } = refresher(reload, refreshMs);
    const off = live.on(names.split(',').filter(Boolean) as Topic[], () => {
      if (window.scrollY > readingFrom) setHasNew(true);
      else ask();
    });
    return () => {
      off();
      end();
    };
  }, [live, names, reload]);

  return {
    items: query.data?.pages.flatMap(({ items }) => items) ?? [],
    isLoading: query.isPending,
    isStale: query.isPlaceholderData,
    error: query.error,
    hasNew,
    showNew() {
      window.scrollTo({ top: 0 });
      void reload();
    },
    hasOlder: query.hasNextPage,
    isLoadingOlder: query.isFetchingNextPage,
    showOlder: () => void query.fetchNextPage(),
    reload,
  };
}
