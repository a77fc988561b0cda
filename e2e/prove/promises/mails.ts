import type { Order } from '@box-office/common/contracts/orders';
import { ticketsOf } from '@box-office/common/contracts/orders';
import type { Evidence, Stored } from '../evidence.ts';
import type { ReceivedMail } from '../mail-server.ts';
import { type Verdict, verdict } from './verdict.ts';

/** Each fact about an order or a waiting list was mailed once, to the person it is about, and nothing else was. */
export function mails(evidence: Evidence): Verdict {
  return verdict(
    'I20',
    'each fact was mailed once, to whom it is about, and nothing that did not happen',
    (violated) => {
      for (const it of unmailed(evidence)) violated(it);
      const about = aboutSales(evidence.mails);
      for (const [id, copies] of Map.groupBy(about, (mail) => mail.id)) {
        const [subject = '', what = ''] = split(id);
        if (once.has(what) && id !== `${subject}.${what}`) violated(`${id} is no name of a fact`);
        const reader = readerOf(subject, what, evidence);
        if (reader === undefined) violated(`${id} was mailed, and did not happen`);
        const address = evidence.addresses[reader ?? ''];
        for (const { to } of copies)
          if (reader && to !== address) violated(`${id} was mailed to ${to}, not to ${address}`);
        // Whoever is killed or paused while the server answers cannot know that it has taken the mail.
        const most = evidence.calm ? 1 + copies.filter(({ isUnanswered }) => isUnanswered).length : copies.length;
        if (copies.length > most) violated(`${id} was mailed ${copies.length} times, and the server answered each`);
      }
      return about.length;
    },
  );
}

/** What happens to an order or an entry at most once, so that it is named by that alone. */
const once: ReadonlySet<string> = new Set(['made', 'offered', 'paid', 'cancelled', 'waited-in-vain']);

/** What happened and has not been mailed. */
export function unmailed({ orders, entries, mails: received }: Stored): string[] {
  const sent = new Set(received.map(({ id }) => id));
  const kinds = new Set([...sent].map((id) => split(id).join('.')));
  const facts = [
    ...orders.flatMap((order) => factsOf(order).map((fact) => `${order.id}.${fact}`)),
    ...entries.filter(({ state }) => state === 'over').map(({ id }) => `${id}.waited-in-vain`),
  ];
  const missing = facts.filter((fact) => !sent.has(fact) && !kinds.has(fact));
  return missing.map((fact) => `${fact} was not mailed`);
}

/** What is known of an order from its end state alone, as the mails name it. */
function factsOf({ status, refundedAt, dispute, ...order }: Order): string[] {
  const ends = new Set(ticketsOf({ status, ...order }).flatMap(({ ended }) => ended ?? []));
  return [
    ...(status === 'complete' ? ['paid'] : status === 'cancelled' ? ['cancelled'] : []),
    ...(refundedAt ? [`refunded.${refundedAt.replaceAll(':', '.')}`] : []),
    ...(dispute ? [`disputed.${dispute.status}`] : []),
    ...ends,
  ];
}

/** Links and notices come from auth; what they tell is tested there. */
const aboutSales = (received: readonly ReceivedMail[]) => received.filter(({ id }) => !/^(link|notice)\./.test(id));

/** Whom or what it is about, and the kind of fact. */
function split(id: string): string[] {
  const [subject = '', what = ''] = id.split('.');
  return [subject, what];
}

/** Who should have got a mail; undefined if nobody, because there is no such fact. */
function readerOf(id: string, what: string, evidence: Evidence): string | undefined {
  const entry = evidence.entries.find((it) => it.id === id);
  if (entry) return entry.state === 'over' && what === 'waited-in-vain' ? entry.userId : undefined;
  const order = evidence.orders.find((it) => it.id === id);
  if (!order || !happened(order, what, evidence)) return undefined;
  return what === 'sale-disputed' ? order.sellerId : order.userId;
}

function happened(order: Order, what: string, { announcements, entries, streamsLost }: Evidence): boolean {
  const said = (...types: readonly string[]) =>
    streamsLost || announcements.some(({ id, type }) => id === order.id && types.includes(type));
  const hasEnded = (why: string) => ticketsOf(order).some(({ ended }) => ended === why);
  const known: Readonly<Record<string, () => boolean>> = {
    made: () => said('order.created'),
    offered: () => entries.some(({ orderId }) => orderId === order.id),
    paid: () => order.status === 'complete',
    cancelled: () => order.status === 'cancelled',
    refunded: () => order.refundedAt !== undefined || said('order.refunded'),
    'partly-refunded': () => said('order.partly-refunded'),
    'refund-failed': () => said('order.refunded', 'order.partly-refunded'),
    disputed: () => order.dispute !== undefined || said('order.disputed'),
    'sale-disputed': () => order.dispute !== undefined || said('order.disputed'),
    resold: () => hasEnded('resold'),
    'show-cancelled': () => hasEnded('show-cancelled'),
    moved: () => order.showId !== undefined,
  };
  return known[what]?.() ?? false;
}
