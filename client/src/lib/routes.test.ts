import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { routeOf, routes } from './routes.ts';

const app = join(import.meta.dirname, '../app');
const id = '66f0a1b2c3d4e5f60718293a';

describe('the routes of the shop', () => {
  it('are the folders of its pages', () => {
    const files = [...globSync('**/page.tsx', { cwd: app }), ...globSync('open/route.ts', { cwd: app })];
    const folders = files.map(
      (file) => `/${dirname(file)}`.replace(/\/\.$|\/\(\w+\)/g, '').replaceAll('[id]', ':id') || '/',
    );
    expect(folders.toSorted()).toEqual(routes.toSorted());
  });

  it.each([
    ['/', '/', undefined],
    ['/shows/new', '/shows/new', undefined],
    [`/orders/${id}`, '/orders/:id', id],
    [`/shows/${id}/edit`, '/shows/:id/edit', id],
  ])('%s is %s', (path, route, found) => {
    expect(routeOf(path)).toEqual({ route, id: found });
  });

  it.each(['', '/nothing', `/orders/${id}/more`, `/orders/x${id}`, '/orders/:id/', '/_next/static/a.js', '//shop'])(
    '%s is none of them',
    (path) => {
      expect(routeOf(path)).toBeUndefined();
    },
  );
});
