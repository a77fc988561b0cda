import { Link, useParams } from 'react-router';
import type { Hint, Story, StoryOrder, Wait } from '../../../src/api/story.ts';
import { withParams } from '../lib/api.ts';
import { useThing } from '../lib/hooks.ts';
import { useSystem, useTitle } from '../lib/shared.ts';
import { money } from '../lib/words.ts';
import { hueOf, OrderStatus } from '../parts/badge.tsx';
import { FaultsNotice } from '../parts/faults-notice.tsx';
import { Json } from '../parts/json.tsx';
import { logsPath, tracePath } from '../parts/links.tsx';
import { Fact, Facts, Panel } from '../parts/panel.tsx';
import { Redeliver } from '../parts/redeliver.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import { Age, Clock } from '../parts/time.tsx';
import { Copies, StripeView } from './story-sides.tsx';
import { TimeLine } from './story-steps.tsx';

const topics = ['order', 'event', 'dead-letter', 'dead-letter-gone'] as const;

export function StoryPage() {
  const { id = '' } = useParams();
  const query = useThing<Story>(`/api/story/${encodeURIComponent(id)}`, topics, {
    ages: ({ waitsFor }) => waitsFor.length > 0,
  });
  const story = query.data;
  useTitle(story ? `${story.order.what}, order ${id.slice(-6)}` : 'Story of an order');
  return (
    <>
      <Link className="back" to="/orders">
        ← All orders
      </Link>
      {query.isPending && (
        <>
          <h1>Order {id.slice(-6)}</h1>
          <Loading />
        </>
      )}
      {query.error && (
        <>
          {!story && <h1>Order {id.slice(-6)}</h1>}
          <Failure error={query.error} retry={() => void query.refetch()} />
        </>
      )}
      {story && <Whole story={story} />}
    </>
  );
}

function Whole({ story }: { readonly story: Story }) {
  const { order, waitsFor, summary, missing } = story;
  const tone = waitsFor.length > 0 ? 'waiting' : order.status === 'complete' ? 'good' : '';
  return (
    <>
      <div className="story-head">
        <h1>{order.what}</h1>
        <OrderStatus status={order.status} isWaiting={waitsFor.length > 0} />
      </div>
      <section className={`summary ${tone}`} aria-label="In one sentence">
        <p>{summary}</p>
        {waitsFor.length > 0 && (
          <ul>
            {waitsFor.map((wait) => (
              <WaitLine key={`${wait.who} ${wait.for}`} wait={wait} />
            ))}
          </ul>
        )}
      </section>
      <FaultsNotice />
      {missing.map((it) => (
        <p key={it} className="notice">
          {it}
        </p>
      ))}
      <div className="story">
        <TimeLine steps={story.steps} />
        <div className="story-sides">
          <OrderFacts order={order} />
          <Copies copies={story.copies} />
          <StripeView {...story} />
          <Panel title="As stored">
            <details>
              <summary>All that orders stores about it</summary>
              <Json value={order.stored} label="As stored" isOrder />
            </details>
          </Panel>
        </div>
      </div>
    </>
  );
}

function WaitLine({ wait }: { readonly wait: Wait }) {
  const { hint } = wait;
  return (
    <li>
      <span className="service">
        <span className="swatch" style={{ background: hueOf(wait.who) }} />
        Waits for {wait.for}
      </span>
      <span className="muted">
        began <Age at={wait.since} />
        {wait.until && (
          <>
            , ends <Age at={wait.until} />
          </>
        )}
      </span>
      {hint && <HintLine hint={hint} />}
    </li>
  );
}

function HintLine({ hint: { text, href, redeliver } }: { readonly hint: Hint }) {
  if (redeliver) {
    return (
      <span className="hint">
        Nobody has to do anything. Sooner: <Redeliver eventId={redeliver} text={text} />
      </span>
    );
  }
  return <span className="hint">{href ? <HintLink text={text} href={href} /> : text}</span>;
}

function HintLink({ text, href }: { readonly text: string; readonly href: string }) {
  return href.startsWith('/') ? <Link to={href}>{text}</Link> : <a href={href}>{text}</a>;
}

function OrderFacts({ order }: { readonly order: StoryOrder }) {
  const { data: system } = useSystem();
  const isOpen = order.status === 'created' || order.status === 'awaiting:payment';
  return (
    <Panel title="Order">
      <Facts>
        <Fact name="Id">
          <code>{order.id}</code>
        </Fact>
        <Fact name="Total">{money(order.total, order.currency)}</Fact>
        <Fact name="Ordered">
          <Clock at={order.at} /> · <Age at={order.at} />
        </Fact>
        <Fact name="Held until">{isOpen && <Clock at={order.expiresAt} />}</Fact>
        <Fact name="Version">{order.version}</Fact>
        <Fact name="Buyer">
          <code>{order.userId}</code>
        </Fact>
        <Fact name={order.tickets.length === 1 ? 'Ticket' : 'Tickets'}>
          {order.tickets.map((ticket) => (
            <Link key={ticket.id} className="block" to={withParams('/events', { id: ticket.id })} title={ticket.id}>
              {ticket.title}
            </Link>
          ))}
        </Fact>
      </Facts>
      <nav className="related" aria-label="Related">
        <Link to={withParams('/events', { order: order.id })}>Events</Link>
        {order.traceId && <Link to={tracePath(order.traceId)}>Trace</Link>}
        <Link to={withParams('/traces', { order: order.id })}>All its traces</Link>
        <Link to={logsPath({ order: order.id })}>Log lines</Link>
        <Link to={withParams('/dead-letters', { q: order.id })}>Dead letters</Link>
        {system?.shop && <a href={`${system.shop}/orders/${order.id}`}>The buyer’s page in the shop</a>}
      </nav>
    </Panel>
  );
}
