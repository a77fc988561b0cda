import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface PanelProps {
  readonly title: string;
  /** Where more of it is. */
  readonly to?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

export function Panel({ title, to, aside, children, className = '' }: PanelProps) {
  return (
    <section className={`panel ${className}`} aria-label={title}>
      <header>
        <h2>
          {to ? (
            <Link to={to} className="panel-link">
              {title}
            </Link>
          ) : (
            title
          )}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Names and values, each a Fact; `isLong` when the names are. */
export function Facts({ isLong = false, children }: { readonly isLong?: boolean; readonly children: ReactNode }) {
  return <dl className={isLong ? 'facts long' : 'facts'}>{children}</dl>;
}

/** A name and its value; nothing when there is no value. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  if (children === undefined || children === null || children === false || children === '') return null;
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
