'use client';

import { useHydrated } from '../browser/use-hydrated.ts';
import { readersZone } from '../browser/zone.ts';
import type { Days } from '../lib/days.ts';
import { placeOf } from '../lib/zone.ts';
import { SearchField } from './search-form.tsx';

interface ShowSearchProps {
  readonly q: string;
  readonly days: Days;
}

/** Searches the shows by words and days. Works without JavaScript, and then the days are those in UTC. */
export function ShowSearch({ q, days: { from, to, zone: given } }: ShowSearchProps) {
  const hydrated = useHydrated();
  const zone = hydrated && !from && !to ? readersZone() : given;
  return (
    <search className="wide-search">
      <form action="/shows">
        <div className="search">
          <SearchField q={q} />
        </div>
        <div className="days">
          <span className="day">
            <label htmlFor="from">From</label>
            <input id="from" name="from" type="date" defaultValue={from} aria-describedby="days-hint" />
          </span>
          <span className="day">
            <label htmlFor="to">to</label>
            <input id="to" name="to" type="date" defaultValue={to} aria-describedby="days-hint" />
          </span>
          <input type="hidden" name="zone" value={zone} />
          <span className="hint" id="days-hint">
            Days in {placeOf(zone) ?? zone}
          </span>
        </div>
      </form>
    </search>
  );
}
