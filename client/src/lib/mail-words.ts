import type { MailKind, RefusedMail } from '@box-office/common/contracts/mail';

const about: Record<MailKind, string> = {
  made: 'that the order was made',
  offered: 'that tickets came free for somebody on the waiting list',
  paid: 'that the tickets are paid',
  cancelled: 'that the order was cancelled',
  refunded: 'that the money was refunded',
  'partly-refunded': 'that a part of the money was refunded',
  'refund-failed': 'that a refund failed',
  disputed: 'about the dispute',
  'sale-disputed': 'about the dispute, to you',
  'show-cancelled': 'that the show is cancelled',
  resold: 'that a ticket was resold',
  moved: 'that the show has another time or place',
  'waited-in-vain': 'that there are no tickets for somebody on the waiting list',
};

/** Which mail did not arrive, and why, as a sentence. */
export function refusedInWords({ kind, code, reason }: Pick<RefusedMail, 'kind' | 'code' | 'reason'>): string {
  const why = code === undefined ? 'No mail server took it within three days' : `The mail server refused it (${code})`;
  return `The mail ${about[kind]}. ${why}${reason ? `: “${reason}”` : ''}.`;
}
