import type { Role } from '../prove/crowd/forbidden.ts';

/**
 * Who gets through to what a route does: everybody; whoever is signed in, guests among them, and then finds their own
 * things; who bought; who sells; or who can sign as Stripe does.
 */
type Access = 'everybody' | 'signed in' | 'buyer' | 'seller' | 'Stripe';

/**
 * Every route from outside. It is written by hand, and compared with the generated documents: a new route is nobody's
 * until somebody has thought about who may call it.
 */
export const access: Readonly<Record<string, Access>> = {
  'POST /api/auth/signup': 'everybody',
  'POST /api/auth/guest': 'everybody',
  'POST /api/auth/guest/open': 'everybody',
  'POST /api/auth/links': 'everybody',
  'POST /api/auth/links/use': 'everybody',
  'GET /api/auth/account': 'signed in',
  'POST /api/auth/account': 'signed in',
  'DELETE /api/auth/account': 'signed in',
  'PUT /api/auth/password': 'signed in',
  'GET /api/auth/data': 'signed in',
  'GET /api/auth/sessions': 'signed in',
  'DELETE /api/auth/sessions': 'signed in',
  'DELETE /api/auth/sessions/:id': 'buyer',
  'POST /api/auth/passkeys/sign-in/options': 'everybody',
  'POST /api/auth/passkeys/sign-in': 'everybody',
  'POST /api/auth/passkeys/options': 'signed in',
  'POST /api/auth/passkeys': 'signed in',
  'GET /api/auth/passkeys': 'signed in',
  'DELETE /api/auth/passkeys/:id': 'buyer',
  'POST /api/auth/signin': 'everybody',
  'POST /api/auth/token': 'everybody',
  'POST /api/auth/signout': 'everybody',
  'GET /api/auth/currentuser': 'everybody',
  'GET /api/tickets': 'everybody',
  'GET /api/tickets/mine': 'signed in',
  'GET /api/tickets/:id': 'everybody',
  'POST /api/tickets': 'signed in',
  'PUT /api/tickets/:id': 'seller',
  'DELETE /api/tickets/:id': 'seller',
  'POST /api/shows': 'signed in',
  'GET /api/shows': 'everybody',
  'GET /api/shows/mine': 'signed in',
  'GET /api/shows/:id': 'everybody',
  'PUT /api/shows/:id': 'seller',
  'POST /api/shows/:id/pause': 'seller',
  'POST /api/shows/:id/resume': 'seller',
  'POST /api/shows/:id/cancel': 'seller',
  'GET /api/shows/:id/seats': 'everybody',
  'GET /api/shows/:id/sales': 'seller',
  'GET /api/shows/:id/sales.csv': 'seller',
  'POST /api/orders': 'signed in',
  'GET /api/orders': 'signed in',
  'GET /api/orders/sold': 'signed in',
  'GET /api/orders/sold/:id': 'seller',
  'GET /api/orders/:id': 'buyer',
  'DELETE /api/orders/:id': 'buyer',
  'PUT /api/orders/:id/resale': 'buyer',
  'POST /api/waiting-list': 'signed in',
  'GET /api/waiting-list': 'signed in',
  'GET /api/waiting-list/:id': 'buyer',
  'DELETE /api/waiting-list/:id': 'buyer',
  'POST /api/payments': 'buyer',
  'POST /api/payments/:orderId/refund': 'seller',
  'POST /api/payments/webhook': 'Stripe',
  'GET /api/mail/refused': 'signed in',
};

const signedIn: readonly Role[] = ['stranger', 'guest', 'seller', 'buyer'];

/** The roles that get through. */
export function permitted(route: string): readonly Role[] {
  const who = access[route];
  if (who === undefined) throw new Error(`${route} is not in e2e/attack/access.ts: who may call it?`);
  switch (who) {
    case 'everybody':
      return ['nobody', ...signedIn];
    case 'signed in':
      return signedIn;
    case 'buyer':
    case 'seller':
      return [who];
    case 'Stripe':
      return [];
  }
}
