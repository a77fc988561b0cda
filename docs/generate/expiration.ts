import type { ServiceApi } from './route.ts';

export const expirationApi: ServiceApi = {
  name: 'expiration',
  summary: 'Tells orders when their time is up. It is asked for nothing but its health.',
  bodies: {},
  answers: {},
  routes: [],
};
