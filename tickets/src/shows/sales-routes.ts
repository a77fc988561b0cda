import { Sales } from '@box-office/common/contracts/shows';
import { type Route, route } from '@box-office/common/http/route';
import type { Aggregates } from '@box-office/common/store/aggregates';
import { z } from 'zod';
import { salesCsv } from './sales-csv.ts';
import { mustBeOrganiser, type Show } from './show.ts';

export interface SalesRoutes {
  readonly shows: Aggregates<Show>;
  /** As they were a moment ago. */
  readonly sales: (show: Show) => Promise<Sales>;
}

const SalesQuery = z.strictObject({
  by: z.enum(['kind', 'day']).default('kind').describe('What a line of the CSV is about'),
});

const asFile = { 'Content-Disposition': 'attachment; filename="sales.csv"' };

export function salesRoutes({ shows, sales }: SalesRoutes): Route[] {
  async function salesFor(userId: string, showId: string): Promise<Sales> {
    const show = await shows.get(showId);
    mustBeOrganiser(show, userId);
    return sales(show);
  }

  return [
    route('GET /api/shows/:id/sales', {
      who: 'signedIn',
      summary: 'What was sold of my show, of each kind and on each day; as a table with `Accept: text/csv`',
      query: SalesQuery,
      answers: {
        200: {
          description: 'The sales, a moment old',
          body: Sales,
          csv: true,
          headers: { 'Content-Disposition': 'A file name, if it is CSV', Vary: '`Accept`' },
        },
      },
      problems: ['not-your-show'],
      async handle({ user, params, query, req }) {
        const found = await salesFor(user.id, params.id);
        const headers = { Vary: 'Accept' };
        if (req.accepts('application/json', 'text/csv') !== 'text/csv') return { status: 200, headers, body: found };
        return { status: 200, headers: { ...headers, ...asFile }, csv: salesCsv(found, query.by) };
      },
    }),

    route('GET /api/shows/:id/sales.csv', {
      who: 'signedIn',
      summary: 'The same as CSV',
      query: SalesQuery,
      answers: {
        200: {
          description:
            "Money with its decimals. Text is quoted; what a spreadsheet would take for a formula begins with `'`",
          csv: true,
          headers: { 'Content-Disposition': 'A file name' },
        },
      },
      problems: ['not-your-show'],
      handle: async ({ user, params, query }) => ({
        status: 200,
        headers: asFile,
        csv: salesCsv(await salesFor(user.id, params.id), query.by),
      }),
    }),
  ];
}
