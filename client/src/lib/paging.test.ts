import { nextCursor } from './paging.ts';

describe('the cursor of the next page', () => {
  it.each([
    ['</api/tickets?q=a&cursor=abc>; rel="next"', 'abc'],
    ['<http://shop.example/api/tickets?cursor=abc>; rel=next', 'abc'],
    ['</api/tickets?cursor=old>; rel="prev", </api/tickets?cursor=abc>; rel="next"', 'abc'],
    ['</a?cursor=abc>; title="a, b"; rel="next"', 'abc'],
  ])('of %s', (link, cursor) => {
    expect(nextCursor(link)).toBe(cursor);
  });

  it.each([null, '', '</api/tickets?cursor=old>; rel="prev"', '</api/tickets>; rel="next"'])(
    'is none for %s',
    (link) => {
      expect(nextCursor(link)).toBeUndefined();
    },
  );
});
