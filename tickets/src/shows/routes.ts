import { ListedShow, NewShow, Seat, Show, ShowAnswer, ShowChanges } from '@box-office/common/contracts/shows';
import { etag, ifMatch, ifMatches } from '@box-office/common/http/etag';
import { type IdempotencyKeys, makeOnce } from '@box-office/common/http/idempotency';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { addressOf } from '@box-office/common/http/rate-limit';
import { type Route, route } from '@box-office/common/http/route';
import { newestFirst } from '@box-office/common/store/page';
import type { ReadInTurn } from '../search.ts';
import { edit } from './edit.ts';
import { findShows, ShowsQuery } from './find-shows.ts';
import { type Counts, heldOf } from './left.ts';
import { type SalesRoutes, salesRoutes } from './sales-routes.ts';
import { SeatsQuery, seatsOf } from './seats.ts';
import { announce, cancel, mustBeOrganiser, pause, resume, type Show as StoredShow, snapshot } from './show.ts';
import type { Units } from './units.ts';
import { mustNotBeTooMany } from './unmade.ts';
import { answer, listedAll, notListed } from './views.ts';

const ETag = 'The version, for `If-Match`';

export interface ShowRoutes extends SalesRoutes {
  readonly units: Units;
  /** Counted a moment ago. */
  readonly unavailable: (show: StoredShow) => Promise<Counts>;
  /** Looked up a moment ago. */
  readonly isAnyLeft: (show: StoredShow) => Promise<boolean>;
  readonly keys: IdempotencyKeys;
  readonly now: () => Date;
  readonly readInTurn: ReadInTurn;
  /** Called when there are tickets to be made. */
  readonly wakeMaker: () => void;
}

const steps = [
  {
    name: 'pause',
    summary: 'Stop the sale for a while; what is reserved or sold stays so',
    problems: ['show-preparing', 'show-cancelled'],
    decide: pause,
  },
  { name: 'resume', summary: 'Go on with the sale', problems: ['show-cancelled'], decide: resume },
  { name: 'cancel', summary: 'Cancel a show for good', problems: [], decide: cancel },
] as const;

export const showRoutes = ({
  shows,
  units,
  unavailable,
  isAnyLeft,
  sales,
  keys,
  now,
  readInTurn,
  wakeMaker,
}: ShowRoutes): Route[] => [
  route('POST /api/shows', {
    who: 'signedIn',
    summary: 'Announce a show; its tickets are made afterwards, and then it goes on sale',
    body: NewShow,
    keys,
    answers: {
      201: {
        description: 'Its tickets are being made: `kinds[].made` of GET /api/shows/:id says how far that is',
        body: Show,
        headers: { ETag, Location: 'Where the show is' },
      },
    },
    problems: ['too-many-requests'],
    handle: ({ user, body, once }) =>
      once(async (attempt) => {
        const make = async () => {
          const change = announce(attempt.id, user.id, body, now());
          await mustNotBeTooMany(shows, change.next);
          return shows.add(change);
        };
        const show = await makeOnce(attempt, shows, make);
        wakeMaker();
        const headers = { Location: `/api/shows/${show.id}`, ETag: etag(show.version) };
        return { status: 201, headers, body: snapshot(show) };
      }),
  }),

  route('GET /api/shows', {
    who: 'anyone',
    summary: 'What is on, soonest first; what is paused is listed and says so',
    query: ShowsQuery,
    answers: { 200: pageOf(ListedShow, 'A page of shows') },
    problems: ['too-busy'],
    async handle({ query, req }) {
      const page = await readInTurn(addressOf(req), async () => {
        const { items, next } = await findShows(shows, query, now());
        return { body: await listedAll(items, isAnyLeft, now()), next };
      });
      return { status: 200, ...page };
    },
  }),

  route('GET /api/shows/mine', {
    who: 'signedIn',
    summary: 'Shows that I organise, whatever their state, newest first',
    query: pageQuery(),
    answers: { 200: pageOf(ListedShow, 'A page of my shows') },
    async handle({ user, query }) {
      const { items, next } = await newestFirst(shows, { userId: user.id }, { ...query, omit: notListed });
      return { status: 200, body: await listedAll(items, isAnyLeft, now()), next };
    },
  }),

  route('GET /api/shows/:id', {
    who: 'anyone',
    summary: 'One show, and how many of its tickets are left',
    answers: { 200: { description: 'The show', body: ShowAnswer, headers: { ETag } } },
    async handle({ params }) {
      const show = await shows.get(params.id);
      const body = answer(show, await unavailable(show), now());
      return { status: 200, headers: { ETag: etag(show.version) }, body };
    },
  }),

  route('PUT /api/shows/:id', {
    who: 'signedIn',
    summary: 'Edit a show; fields and kinds that are left out stay as they are',
    headers: { ifMatch },
    body: ShowChanges,
    answers: { 200: { description: 'The show as it is now', body: Show, headers: { ETag } } },
    problems: ['not-your-show', 'show-cancelled', 'fewer-than-held', 'too-many-requests', 'busy', 'version-moved'],
    async handle({ user, params, headers, body }) {
      const before = await shows.get(params.id);
      mustBeOrganiser(before, user.id);
      const held = await heldOf(units, params.id, body.kinds?.filter(({ quantity }) => quantity) ?? []);
      const decide = (it: StoredShow) => edit(it, user.id, body, held, now());
      await mustNotBeTooMany(shows, ifMatches(headers.ifMatch, decide)(before).next, before);
      const show = await shows.change(params.id, ifMatches(headers.ifMatch, decide));
      wakeMaker();
      return { status: 200, headers: { ETag: etag(show.version) }, body: snapshot(show) };
    },
  }),

  ...steps.map(({ name, summary, problems, decide }) =>
    route(`POST /api/shows/:id/${name}`, {
      who: 'signedIn',
      summary,
      headers: { ifMatch },
      answers: { 200: { description: 'The show as it is now', body: Show, headers: { ETag } } },
      problems: ['not-your-show', ...problems, 'busy', 'version-moved'],
      async handle({ user, params, headers }) {
        const change = ifMatches(headers.ifMatch, (it: StoredShow) => decide(it, user.id));
        const show = await shows.change(params.id, change);
        return { status: 200, headers: { ETag: etag(show.version) }, body: snapshot(show) };
      },
    }),
  ),

  route('GET /api/shows/:id/seats', {
    who: 'anyone',
    summary: 'The seats of one kind, and which are free',
    query: SeatsQuery,
    answers: { 200: pageOf(Seat, 'A page of seats; none if the kind has no seats') },
    async handle({ params, query }) {
      const { items, next } = await seatsOf(units, await shows.get(params.id), query);
      return { status: 200, body: items, next };
    },
  }),

  ...salesRoutes({ shows, sales }),
];
