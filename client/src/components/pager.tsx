import Link from 'next/link';
import type { ComponentProps } from 'react';

type Href = ComponentProps<typeof Link>['href'];

interface PagerProps {
  /** The first page, if this is a later one. */
  readonly first: Href | undefined | false;
  readonly firstWords: string;
  /** The page after this one, if there is one. */
  readonly next: Href | undefined | false;
  readonly nextWords: string;
}

/** Leads from one page of a list to the next, and back to its beginning. */
export function Pager({ first, firstWords, next, nextWords }: PagerProps) {
  return (
    <div className="more">
      {first && <Link href={first}>{firstWords}</Link>}
      {next && (
        <Link className="button button-quiet" rel="next" href={next}>
          {nextWords}
        </Link>
      )}
    </div>
  );
}
