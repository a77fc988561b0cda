import { safeNext, signInPath } from './next-path.ts';

describe('where to go after signing in', () => {
  it.each(['/', '/orders/1?a=b#c', '/tickets/new'])('goes to %s', (path) => {
    expect(safeNext(path)).toBe(path);
  });

  it.each([
    undefined,
    null,
    '',
    'orders',
    'https://evil.example',
    '//evil.example',
    '//evil.example/orders',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '\\/evil.example',
  ])('never leaves the site for %j', (path) => {
    expect(safeNext(path)).toBe('/');
  });

  it('keeps a query in the path', () => {
    expect(signInPath('/?q=a&b')).toBe('/signin?next=%2F%3Fq%3Da%26b');
    expect(signInPath('/orders', { ended: true })).toBe('/signin?next=%2Forders&ended=1');
  });
});
