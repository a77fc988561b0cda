import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';

interface SplitProps {
  readonly title: string;
  /** Undefined while nothing is opened. */
  readonly detail: ReactNode;
  /** The path of the list. */
  readonly back: string;
  readonly children: ReactNode;
}

/** A list, and beside it what was opened of it. On a narrow screen the one or the other. */
export function Split({ title, detail, back, children }: SplitProps) {
  const { search } = useLocation();
  return (
    <div className={detail ? 'split opened' : 'split'}>
      <div className="split-list">{children}</div>
      {detail && (
        <div className="split-detail">
          <h1 className="unseen split-title">{title}</h1>
          <Link className="back" to={{ pathname: back, search }} data-close>
            <span className="narrow">← Back to the list</span>
            <span className="wide" title="Close">
              ✕<span className="unseen"> Close</span>
            </span>
          </Link>
          {detail}
        </div>
      )}
    </div>
  );
}
