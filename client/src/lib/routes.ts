/** The addresses of the shop's pages, those with an id last. A test compares them with the folders of `app`. */
export const routes = [
  '/',
  '/account',
  '/forgot',
  '/link',
  '/open',
  '/open/failed',
  '/orders',
  '/sales',
  '/shows',
  '/shows/mine',
  '/shows/new',
  '/signin',
  '/signup',
  '/tickets/new',
  '/waiting-list',
  '/orders/:id',
  '/sales/:id',
  '/shows/:id',
  '/shows/:id/edit',
  '/shows/:id/orders',
  '/shows/:id/sales',
  '/tickets/:id',
  '/tickets/:id/edit',
] as const;

type Route = (typeof routes)[number];

/** The page at a path without its query, and the id in it; undefined if the shop has no such page. */
export function routeOf(path: string): { readonly route: Route; readonly id: string | undefined } | undefined {
  const [id] = /(?<=\/)[0-9a-f]{24}(?=\/|$)/.exec(path) ?? [];
  const wanted = id === undefined ? path : path.replace(id, ':id');
  const route = routes.find((it) => it === wanted);
  return route && { route, id };
}
