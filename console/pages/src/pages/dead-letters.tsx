import { useLocation, useOutlet, useParams } from 'react-router';
import type { DeadLetter } from '../../../src/api/dead-letters.ts';
import { useFilters, useList } from '../lib/hooks.ts';
import { useServiceNames } from '../lib/shared.ts';
import { Service } from '../parts/badge.tsx';
import { ChoiceFilter, TextFilter } from '../parts/filters.tsx';
import { letterPath } from '../parts/links.tsx';
import { ListPage, OpeningLink } from '../parts/list-page.tsx';
import { Split } from '../parts/split.tsx';
import { Empty } from '../parts/states.tsx';
import { Age } from '../parts/time.tsx';

const filters = ['q', 'service', 'type'] as const;

export function DeadLettersPage() {
  const list = useList<DeadLetter>('/api/dead-letters', useFilters(filters), ['dead-letter', 'dead-letter-gone']);
  const types = [...new Set(list.items.map((it) => it.type))].sort();
  return (
    <Split title="Dead letters" back="/dead-letters" detail={useOutlet({ changed: list.reload })}>
      <ListPage
        title="Dead letters"
        about="Messages that a listener could not handle, however often it tried."
        filters={filters}
        fields={
          <>
            <TextFilter name="q" label="Search dead letters" type="search" placeholder="Search reason, data, ids" />
            <ChoiceFilter name="service" label="Listener" all="All listeners" options={useServiceNames()} />
            <TextFilter name="type" label="Type" suggestions={types} />
          </>
        }
        list={list}
        noMatch={{ title: 'No dead letter matches.' }}
        empty={
          <Empty title="No dead letters.">
            Every message was handled. One that fails at every try ends up here, to be retried or discarded.
          </Empty>
        }
        notice={<Done />}
      >
        <LetterTable letters={list.items} />
      </ListPage>
    </Split>
  );
}

/** What was done with the letter that was open before. */
function Done() {
  const state: unknown = useLocation().state;
  const done = typeof state === 'object' && state !== null && 'done' in state ? String(state.done) : '';
  return (
    <p role="status" className={done ? 'notice' : 'unseen'}>
      {done}
    </p>
  );
}

function LetterTable({ letters }: { readonly letters: readonly DeadLetter[] }) {
  const { number } = useParams();
  return (
    <table className="list">
      <thead>
        <tr>
          <th className="wide">Listener</th>
          <th>Message</th>
          <th className="number">Tries</th>
          <th className="number">Age</th>
        </tr>
      </thead>
      <tbody>
        {letters.map((it) => {
          const isOpen = number === `${it.number}`;
          return (
            <tr key={it.number} className={isOpen ? 'open' : undefined}>
              <td className="wide">
                <Service name={it.service} />
              </td>
              <td>
                <OpeningLink path={letterPath(it.number)} isOpen={isOpen}>
                  {it.type}
                </OpeningLink>
                <span className="narrow">
                  <Service name={it.service} />
                </span>
                <span className="second bad-text">{it.reason}</span>
              </td>
              <td className="number">
                {it.deliveries}
                {it.retries > 0 && <span className="muted"> +{it.retries}</span>}
              </td>
              <td className="number">
                <Age at={it.at} bare />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
