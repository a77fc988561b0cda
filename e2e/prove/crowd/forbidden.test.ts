import { apis } from '@box-office/docs/apis';
import type { z } from 'zod';
import type { Person } from '../../support/shop.ts';
import { bodyFor, type Deal, forbidden } from './forbidden.ts';

const someone = (id: string): Person => ({
  id,
  email: '',
  password: '',
  cookie: '',
  token: id,
  call: () => Promise.reject(),
});
const deal: Deal = {
  ticketId: 'a'.repeat(24),
  showId: 'c'.repeat(24),
  seller: someone('seller'),
  orderId: 'b'.repeat(24),
  buyer: someone('buyer'),
};
const routes = apis.flatMap((api) => api.routes);
const names = forbidden(routes).map(({ name }) => name);

describe('the forbidden requests of the crowd', () => {
  it('include every route that needs a session, without one and with a forged one', () => {
    const guarded = routes.filter(({ who }) => who === 'signedIn').map(({ method, path }) => `${method} ${path}`);
    expect(guarded.length).toBeGreaterThan(8);
    for (const route of guarded)
      expect(names).toEqual(expect.arrayContaining([`${route} as nobody`, `${route} as forger`]));
  });

  it('include what only the other side of a sale may do, and strangers', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'PUT /api/tickets/:id as buyer',
        'GET /api/orders/:id as seller',
        'POST /api/shows/:id/cancel as stranger',
        'POST /api/payments/:orderId/refund as buyer',
        'POST /api/payments/:orderId/refund as stranger',
      ]),
    );
    expect(names).not.toContain('PUT /api/tickets/:id as seller');
  });

  it('have valid bodies', () => {
    for (const route of routes.filter(({ who }) => who === 'signedIn')) {
      if (!route.body) continue;
      const schema = route.body as z.ZodType;
      expect([route.path, schema.safeParse(bodyFor(route, deal)).success]).toEqual([route.path, true]);
    }
  });

  it('cannot include a new route before its owner is declared', () => {
    const [any] = routes.filter(({ who }) => who === 'signedIn');
    if (!any) throw new Error('there is no route');
    expect(() => forbidden([{ ...any, path: '/api/things/:id', body: undefined }])).toThrow('has no owner');
    expect(() => forbidden([{ ...any, method: 'POST', path: '/api/things', body: undefined }])).not.toThrow();
  });
});
