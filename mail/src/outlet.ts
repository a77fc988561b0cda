import type { Refusal } from './mails.ts';

/** A mail as it leaves the service. */
export interface Message {
  readonly messageId: string;
  readonly to: { readonly address: string; readonly name: string };
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** When the fact happened, so that a mail that is sent again is the same one. */
  readonly date: Date;
}

/**
 * How sending went: a server has taken it, refuses it for good, or the attempt failed and another one may succeed. When
 * the connection broke after the message was transferred, nobody knows which, and it counts as failed.
 */
export type Delivery =
  | { readonly result: 'taken' }
  | ({ readonly result: 'refused' } & Refusal)
  | { readonly result: 'failed'; readonly reason: string; readonly isServerAway: boolean };

/** Where mails go: a mail server, or the mailbox that takes its place. */
export interface Outlet {
  /** Never throws because of the message or the server. */
  deliver(message: Message): Promise<Delivery>;
}
