import { MailKind, RefusedMail } from '@box-office/common/contracts/mail';
import { Id } from '@box-office/common/contracts/primitives';
import { pageOf, pageQuery } from '@box-office/common/http/paging';
import { type Api, route } from '@box-office/common/http/route';
import type { Mails, Refused } from './mails.ts';

export interface MailRoutes {
  readonly mails: Pick<Mails, 'refusedFor'>;
}

const RefusedQuery = pageQuery().extend({
  orderId: Id.optional().describe('Only mails about this order'),
  showId: Id.optional().describe('Only mails about this show, its orders and its waiting lists'),
});

export const api = ({ mails }: MailRoutes): Api => ({
  name: 'mail',
  summary: 'What people get by mail, and what did not reach them.',
  routes: [
    route('GET /api/mail/refused', {
      who: 'signedIn',
      summary: 'Mails about what I sell that no mail server would take, newest first',
      query: RefusedQuery,
      answers: { 200: pageOf(RefusedMail, 'A page of refused mails') },
      async handle({ user, query: { limit, ...wanted } }) {
        const found = await mails.refusedFor(user.id, { ...wanted, limit: limit + 1 });
        const items = found.slice(0, limit);
        return {
          status: 200,
          body: items.map(view),
          next: found.length > limit ? items.at(-1)?.id : undefined,
        };
      },
    }),
  ],
});

const view = ({ id, orderId, showId, title, kind, at, refusal: { code, reason } }: Refused): RefusedMail => ({
  ...{ id, title, reason },
  ...(orderId === undefined ? {} : { orderId }),
  ...(showId === undefined ? {} : { showId }),
  ...(code === undefined ? {} : { code }),
  kind: MailKind.parse(kind),
  at: at.toISOString(),
});
