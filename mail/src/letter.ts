import { Order } from '@box-office/common/contracts/orders';
import { LinkPurpose, NoticedWhat } from '@box-office/common/contracts/people';
import { Id, Instant } from '@box-office/common/contracts/primitives';
import { WaitingEntry } from '@box-office/common/contracts/waiting';
import { z } from 'zod';

/** When and where a show takes place, as far as its ticket holders are told. */
export const Place = z.object({
  startsAt: Instant,
  venue: z.string(),
  timeZone: z.string(),
});
export type Place = z.infer<typeof Place>;

const order = { order: Order };
const someTickets = { ...order, ticketIds: z.array(Id).min(1) };

/** What one mail says: its kind, and the facts that its words need. */
export const Letter = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('made'), ...order }),
  z.object({ kind: z.literal('offered'), ...order }),
  z.object({ kind: z.literal('paid'), ...order }),
  z.object({ kind: z.literal('cancelled'), ...order }),
  z.object({ kind: z.literal('refunded'), ...order }),
  z.object({ kind: z.literal('partly-refunded'), ...order }),
  z.object({ kind: z.literal('refund-failed'), ...order }),
  z.object({ kind: z.literal('disputed'), ...order }),
  z.object({ kind: z.literal('sale-disputed'), ...order }),
  z.object({ kind: z.literal('show-cancelled'), ...someTickets }),
  z.object({ kind: z.literal('resold'), ...someTickets }),
  z.object({ kind: z.literal('moved'), ...order, before: Place, after: Place }),
  z.object({ kind: z.literal('waited-in-vain'), entry: WaitingEntry }),
  z.object({ kind: z.literal('link'), purpose: LinkPurpose, token: z.string(), expiresAt: Instant }),
  z.object({ kind: z.literal('notice'), what: NoticedWhat, at: Instant, device: z.string().optional() }),
]);
export type Letter = z.infer<typeof Letter>;
export type LetterKind = Letter['kind'];
export type LetterOf<Kind extends LetterKind> = Extract<Letter, { kind: Kind }>;
