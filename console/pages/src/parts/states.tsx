import type { ReactNode } from 'react';
import type { List } from '../lib/hooks.ts';

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="strong">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <p>{error.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** As high as the list that is expected, so that nothing jumps when it arrives. */
export function Loading({ rows = 8 }: { readonly rows?: number }) {
  return (
    <div className="loading" aria-busy="true">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <span key={row} />
      ))}
      <span className="unseen">Loading</span>
    </div>
  );
}

/** What is shown around the rows of a list in each of its states. */
export function ListStates<Item>({
  list,
  empty,
  children,
}: {
  readonly list: List<Item>;
  readonly empty: ReactNode;
  readonly children: ReactNode;
}) {
  if (list.isLoading) return <Loading />;
  return (
    <>
      {list.error && <Failure error={list.error} retry={() => void list.reload()} />}
      {list.hasNew && (
        <button type="button" className="newer" onClick={list.showNew}>
          Show what is new ↑
        </button>
      )}
      {list.items.length === 0 ? (
        !list.error && empty
      ) : (
        <div className={list.isStale ? 'stale' : undefined}>{children}</div>
      )}
      {list.hasOlder && (
        <button type="button" className="older" onClick={list.showOlder} disabled={list.isLoadingOlder}>
          {list.isLoadingOlder ? 'Loading…' : 'Show older'}
        </button>
      )}
    </>
  );
}
