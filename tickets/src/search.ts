import { pageQuery } from '@box-office/common/http/paging';
import { z } from 'zod';

/** The query of a public list: a page of it, and words to search for. See `havingWords`. */
export const searchQuery = pageQuery(20).extend({
  q: z
    .string()
    .trim()
    .max(200)
    .default('')
    .describe('Words, or beginnings of words, in title and venue; case and accents are ignored'),
});
