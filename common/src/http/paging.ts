import type { Request, Response } from 'express';
import { z } from 'zod';
import { Id } from '../contracts/primitives.ts';
import type { AnswerDeclaration } from './route.ts';

/** Decimal digits only: `Number` would also take `0x10`, `1e1` and ` 1`, which are typing errors in an address. */
const PageSize = z.preprocess(
  (sent) => (typeof sent === 'string' && /^\d+$/.test(sent) ? Number(sent) : sent),
  z.number('must be a whole number in decimal digits').int().min(1).max(100),
);

/** The query parameters of a list: the page size, and the item after which the page begins. */
export const pageQuery = (defaultLimit = 50) =>
  z.strictObject({
    limit: PageSize.prefault(defaultLimit).describe('How many on a page'),
    cursor: Id.optional().describe('The last item of the page before; taken from `Link`'),
  });

/** The answer of a list: one page as an array, with a link to the next one. */
export const pageOf = <Item extends z.ZodType>(item: Item, description: string) =>
  ({
    description,
    body: z.array(item),
    headers: { Link: 'The next page as `<…>; rel="next"`, if there is one' },
  }) satisfies AnswerDeclaration;

/** Adds a link to the next page (RFC 8288): the same request with the last item shown as cursor. */
export function linkToNext(req: Request, res: Response, cursor: string | undefined): void {
  if (cursor === undefined) return;
  const query = new URLSearchParams(/\?([^#]*)/.exec(req.url)?.[1]);
  query.set('cursor', cursor);
  res.append('Link', `<${req.baseUrl}${req.path}?${query}>; rel="next"`);
}
