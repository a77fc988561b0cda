import { Id } from '@box-office/common/contracts/primitives';
import type { Show } from '@box-office/common/contracts/shows';
import { NewWaiting, WaitingAnswer } from '@box-office/common/contracts/waiting';
import { type IdempotencyKeys, makeOnce } from '@box-office/common/http/idempotency';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { type Route, route } from '@box-office/common/http/route';
import type { AwaitedCopies } from '@box-office/common/messaging/awaited-copies';
import { notFound } from '@box-office/common/problem';
import { countedBy, isTheirs, type SignedInUser } from '@box-office/common/signed-in-user';
import { newestFirst } from '@box-office/common/store/page';
import { ownedBy } from '../owned-by.ts';
import type { EndEntry } from './ending.ts';
import { type Entry, leave, snapshot } from './entry.ts';
import type { Join } from './joining.ts';
import type { Lines } from './line.ts';
import type { Entries } from './store.ts';

export interface WaitingActions {
  readonly entries: Entries;
  readonly lines: Pick<Lines, 'positionOf'>;
  readonly join: Join;
  readonly end: EndEntry;
}

export interface WaitingRoutes {
  readonly waiting: WaitingActions;
  readonly knownShows: AwaitedCopies<Show>;
  readonly keys: IdempotencyKeys;
}

const WaitingQuery = pageQuery().extend({ showId: Id.optional().describe('Only for this show') });

export function waitingRoutes({ waiting, knownShows, keys }: WaitingRoutes): Route[] {
  async function answer(entry: Entry): Promise<WaitingAnswer> {
    return {
      ...snapshot(entry),
      ...(entry.state === 'waiting' ? { position: await waiting.lines.positionOf(entry) } : {}),
    };
  }

  /** To anyone else, an entry does not exist. */
  async function mine(id: string, user: SignedInUser): Promise<Entry> {
    const entry = await waiting.entries.get(id);
    if (!isTheirs(user, entry.userId)) throw notFound();
    return entry;
  }

  return [
    route('POST /api/waiting-list', {
      who: 'signedIn',
      summary: 'Wait for tickets of a kind that is sold out: when enough come free, an order is made for you',
      body: NewWaiting,
      keys,
      answers: {
        201: {
          description: 'You wait; `position` is your place in line',
          body: WaitingAnswer,
          headers: { Location: 'Where the entry is' },
        },
      },
      problems: [
        'not-found',
        'own-ticket',
        'price-not-payable',
        'show-over',
        'not-on-sale',
        'still-available',
        'already-waiting',
        'limit-reached',
        'busy',
      ],
      async handle({ user, body, once }) {
        // Before the key is used: what was announced may arrive in a moment, but a 404 would be stored under the key.
        const show = await knownShows.find(body.showId);
        return once(async (attempt) => {
          const asked = { id: attempt.id, userId: user.id, by: countedBy(user) };
          const entry = await makeOnce(attempt, waiting.entries, () => waiting.join(asked, show, body));
          return { status: 201, headers: { Location: `/api/waiting-list/${entry.id}` }, body: await answer(entry) };
        });
      },
    }),

    route('GET /api/waiting-list', {
      who: 'signedIn',
      summary: 'Where I wait or have waited, newest first',
      query: WaitingQuery,
      answers: { 200: pageOf(WaitingAnswer, 'A page of entries') },
      async handle({ user, query }) {
        const filter = { ...ownedBy(user), ...(query.showId ? { showId: query.showId } : {}) };
        const { items, next } = await newestFirst(waiting.entries, filter, query);
        return { status: 200, body: await Promise.all(items.map(answer)), next };
      },
    }),

    route('GET /api/waiting-list/:id', {
      who: 'signedIn',
      summary: 'One of my entries, with my place in line; to anyone else it does not exist',
      answers: { 200: { description: 'The entry', body: WaitingAnswer } },
      async handle({ user, params }) {
        return { status: 200, body: await answer(await mine(params.id, user)) };
      },
    }),

    route('DELETE /api/waiting-list/:id', {
      who: 'signedIn',
      summary: 'Leave the line. Who was served already stays so, and may cancel the order',
      answers: { 200: { description: 'The entry as it ended, now or before', body: WaitingAnswer } },
      problems: ['busy'],
      async handle({ user, params }) {
        const entry = await waiting.end(await mine(params.id, user), leave);
        return { status: 200, body: await answer(entry) };
      },
    }),
  ];
}
