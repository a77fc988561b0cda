import type { Request, Response } from 'express';
import { z } from 'zod';
import { Id } from '../contracts/primitives.ts';
import type { AnswerDeclaration } from './route.ts';

/** What may stand in the query of a list: how many on a page, and after which item it begins. */
export const pageQuery = (defaultLimit = 50) =>
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(100).default(defaultLimit).describe('How many on a page'),
    cursor: Id.optional().describe('The last item of the page before; taken from `Link`'),
  });

/** The answer of a list: one page as an array, and where it goes on. */
export const pageOf = <Item extends z.ZodType>(item: Item, description: string) =>
  ({
    description,
    body: z.array(item),
    headers: { Link: 'The next page as `<…>; rel="next"`, if there is one' },
  }) satisfies AnswerDeclaration;

/** Points at the page after this one, RFC 8288: the same request with the cursor moved to the last item shown. */
export function linkToNext(req: Request, res: Response, cursor: string | undefined): void {
  if (cursor === undefined) return;
  const query = new URLSearchParams(/\?([^#]*)/.exec(req.url)?.[1]);
  query.set('cursor', cursor);
  res.append('Link', `<${req.baseUrl}${req.path}?${query}>; rel="next"`);
}
