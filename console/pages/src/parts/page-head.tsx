import type { ReactNode } from 'react';
import { useTitle } from '../lib/shared.ts';

interface PageHeadProps {
  readonly title: string;
  /** What the page shows, a sentence for those who come here for the first time. */
  readonly about?: ReactNode;
  readonly children?: ReactNode;
}

export function PageHead({ title, about, children }: PageHeadProps) {
  useTitle(title);
  return (
    <div className="page-head">
      <h1>{title}</h1>
      {about && <p className="about">{about}</p>}
      {children}
    </div>
  );
}
