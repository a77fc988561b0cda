import { Session } from '@box-office/common/contracts/auth';
import { type Route, route } from '@box-office/common/http/route';
import { z } from 'zod';
import type { Sessions } from './sessions.ts';

export interface SessionRoutes {
  readonly sessions: Sessions;
}

export const sessionRoutes = ({ sessions }: SessionRoutes): Route[] => [
  route('GET /api/auth/sessions', {
    who: 'signedIn',
    summary: 'Where I am signed in, the last used first',
    answers: { 200: { description: 'My sessions', body: z.array(Session) } },
    async handle({ user }) {
      return { status: 200, body: await sessions.list(user.id, user.session) };
    },
  }),

  route('DELETE /api/auth/sessions', {
    who: 'signedIn',
    summary: 'End all my sessions but this one',
    answers: { 204: { description: 'They have ended, everywhere' } },
    async handle({ user }) {
      await sessions.closeAll(user.id, user.session);
      return { status: 204 };
    },
  }),

  route('DELETE /api/auth/sessions/:id', {
    who: 'signedIn',
    summary: 'End one of my sessions',
    answers: { 204: { description: 'It has ended, everywhere' } },
    async handle({ user, params }) {
      await sessions.end(user.id, params.id);
      return { status: 204 };
    },
  }),
];
