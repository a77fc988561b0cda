import { Credentials, CurrentUser, NewAccount, Token, User } from '@box-office/common/contracts/auth';
import { z } from 'zod';
import type { ServiceApi } from './route.ts';

const cookie = {
  'Set-Cookie':
    'The session, HttpOnly: `__Host-session` under https, `session` under http, with the port behind it (`session-8080`) ' +
    'where the shop is not on 443 or 80. And `__Secure-known-browser` or `known-browser`, by the same rule: wrong passwords from elsewhere do not slow it down',
};
const foreign = { 403: ['cross-origin'] };
const signIn = { ...foreign, 401: ['invalid-credentials'], 429: ['too-many-requests'], 503: ['too-busy'] };

/** Public keys, RFC 7517. */
const Jwks = z.object({
  keys: z.array(
    z.looseObject({
      kid: z.string(),
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
    }),
  ),
});

export const authApi: ServiceApi = {
  name: 'auth',
  summary: 'Who has an account and who is signed in.',
  bodies: { NewAccount, Credentials },
  answers: { User, CurrentUser, Token, Jwks },
  routes: [
    {
      method: 'post',
      path: '/api/auth/signup',
      summary: 'Open an account and sign in',
      asker: 'anybody',
      body: NewAccount,
      answers: { 201: { says: 'Signed up and in', body: User, headers: cookie } },
      problems: { ...foreign, 409: ['email-in-use'], 429: ['too-many-requests'], 503: ['too-busy'] },
    },
    {
      method: 'post',
      path: '/api/auth/signin',
      summary: 'Sign in, in a browser',
      asker: 'anybody',
      body: Credentials,
      answers: { 200: { says: 'Signed in', body: User, headers: cookie } },
      problems: signIn,
    },
    {
      method: 'post',
      path: '/api/auth/token',
      summary: 'Sign in, as a program',
      asker: 'anybody',
      body: Credentials,
      answers: { 200: { says: 'A token to send as `Authorization: Bearer …`', body: Token } },
      problems: signIn,
    },
    {
      method: 'post',
      path: '/api/auth/signout',
      summary: 'End the session',
      asker: 'anybody',
      answers: {
        204: {
          says: 'There is no session any more, if there was one',
          headers: { 'Set-Cookie': 'Clears the session cookie' },
        },
      },
      problems: foreign,
    },
    {
      method: 'get',
      path: '/api/auth/currentuser',
      summary: 'Who is signed in',
      asker: 'anybody',
      answers: { 200: { says: 'The user, or null', body: CurrentUser } },
    },
    {
      method: 'get',
      path: '/identity',
      summary:
        'What the gateway asks before it lets a request through (forwardAuth): a session comes in, a signed identity goes out',
      asker: 'inside',
      headers: {
        Cookie: 'The session of a browser',
        Origin: 'Where a browser says the request came from',
        'Sec-Fetch-Site': 'The same, in one word',
        'X-Forwarded-Method':
          'What is to be done; whatever changes something needs to come from our own pages when it comes with a cookie',
      },
      answers: {
        200: { says: 'Signed in', headers: { Authorization: '`Bearer` and an ES256 JWT, good for a minute' } },
      },
      problems: { 401: ['not-signed-in'], 403: ['cross-origin'] },
    },
    {
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'The public keys that identities are verified with',
      asker: 'inside',
      answers: { 200: { says: 'The keys', body: Jwks } },
    },
  ],
};
