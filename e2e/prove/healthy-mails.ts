import { ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence } from './evidence.ts';

const addressOf = (userId: string) => `${userId}@example.com`;

/** The evidence with every mail that its orders and waiting lists call for, unless `over` has other ones. */
export function withMails(evidence: Evidence, over: Partial<Evidence> = {}): Evidence {
  const { orders, entries } = evidence;
  const mail = (id: string, what: string, userId: string) => ({
    ...{ id: `${id}.${what}`, to: addressOf(userId), isUnanswered: false },
  });
  const mails = [
    ...orders.flatMap(({ status, refundedAt, dispute, ...order }) =>
      [
        ...(status === 'complete' ? ['paid'] : status === 'cancelled' ? ['cancelled'] : []),
        ...(refundedAt ? [`refunded.${refundedAt.replaceAll(':', '.')}`] : []),
        ...(dispute ? [`disputed.${dispute.status}`] : []),
        ...ticketsOf({ status, ...order }).flatMap(({ id, ended }) => (ended ? [`${ended}.${id}`] : [])),
      ].map((what) => mail(order.id, what, order.userId)),
    ),
    ...entries.filter(({ state }) => state === 'over').map(({ id, userId }) => mail(id, 'waited-in-vain', userId)),
  ];
  const people = [...orders, ...entries].map(({ userId }) => [userId, addressOf(userId)]);
  // What a broken history does not announce is not what these mails are about.
  return { ...evidence, mails, addresses: Object.fromEntries(people), ...over };
}
