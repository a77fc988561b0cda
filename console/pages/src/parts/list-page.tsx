import type { ReactNode } from 'react';
import { Link, type To, useLocation } from 'react-router';
import { type List, useFilters } from '../lib/hooks.ts';
import { Filters } from './filters.tsx';
import { PageHead } from './page-head.tsx';
import { Empty, ListStates } from './states.tsx';

interface ListPageProps<Item> {
  readonly title: string;
  readonly about: ReactNode;
  /** The parameters of the address that narrow the list. */
  readonly filters: readonly string[];
  /** The fields for them. */
  readonly fields: ReactNode;
  readonly list: List<Item>;
  /** What is said when the filters leave nothing. */
  readonly noMatch: { readonly title: string; readonly hint?: string };
  /** What is said when there is nothing at all. */
  readonly empty: ReactNode;
  /** What stands between the filters and the list. */
  readonly notice?: ReactNode;
  readonly children: ReactNode;
}

/** A page with a list that is searched and filtered by the address, and that follows what happens. */
export function ListPage<Item>(props: ListPageProps<Item>) {
  const { title, about, filters, fields, list, noMatch, empty, notice, children } = props;
  const isFiltered = Object.values(useFilters(filters)).some(Boolean);
  return (
    <>
      <PageHead title={title} about={about}>
        <Filters names={filters}>{fields}</Filters>
      </PageHead>
      {notice}
      <ListStates list={list} empty={isFiltered ? <Empty title={noMatch.title}>{noMatch.hint}</Empty> : empty}>
        {children}
      </ListStates>
    </>
  );
}

interface OpeningLinkProps {
  readonly path: string;
  readonly isOpen: boolean;
  readonly children: ReactNode;
}

/** The link of a row that opens beside the list, which keeps its filters. */
export function OpeningLink({ path, isOpen, children }: OpeningLinkProps) {
  const { search } = useLocation();
  const to: To = { pathname: path, search };
  return (
    <Link data-row className="main" aria-current={isOpen || undefined} to={to}>
      {children}
    </Link>
  );
}
