import type { ReactNode } from 'react';

interface AccountPartProps {
  readonly id: string;
  readonly heading: string;
  readonly children: ReactNode;
}

/** One part of the account page. */
export function AccountPart({ id, heading, children }: AccountPartProps) {
  return (
    <section className="card part" aria-labelledby={`part-${id}`}>
      <h2 id={`part-${id}`}>{heading}</h2>
      {children}
    </section>
  );
}
