import { collectionOf } from '@box-office/common/store/mongo';
import type { Connection } from 'mongoose';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Message, Outlet } from '../outlet.ts';
import { optionsOf } from '../smtp.ts';

/** A mail in the mailbox. One that was sent twice is there twice, as in any other mailbox. */
export const MailboxMail = z.object({
  id: z.string(),
  at: z.date().describe('When it was sent'),
  to: z.string(),
  subject: z.string(),
  messageId: z.string(),
  html: z.string(),
  text: z.string(),
  source: z.string().describe('As it would go over SMTP'),
});
export type MailboxMail = z.infer<typeof MailboxMail>;

/** Takes the place of a mail server where none is set: on a laptop, in previews, in tests. */
export interface Mailbox extends Outlet {
  /** The newest ones, those to one address if it is given. */
  list(options: { readonly to?: string | undefined; readonly limit: number }): Promise<MailboxMail[]>;
  find(id: string): Promise<MailboxMail | null>;
  prepare(): Promise<void>;
}

export interface MailboxOptions {
  readonly connection: Connection;
  readonly from: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

const keptForSeconds = 7 * 24 * 60 * 60;

type Stored = Omit<MailboxMail, 'id'> & { readonly _id: string };

export function createMailbox({ connection, from, now, newId }: MailboxOptions): Mailbox {
  const mails = collectionOf<Stored>(connection, 'mailbox');
  const transport = createTransport({ streamTransport: true, buffer: true });
  const read = ({ _id, ...fields }: Stored): MailboxMail => ({ id: _id, ...fields });

  async function sourceOf(message: Message): Promise<string> {
    const { message: source } = await transport.sendMail(optionsOf(message, from));
    return source.toString();
  }

  return {
    async deliver(message) {
      const { messageId, to, subject, html, text } = message;
      const source = await sourceOf(message);
      await mails.insertOne({ _id: newId(), at: now(), to: to.address, subject, messageId, html, text, source });
      return { result: 'taken' };
    },

    async list({ to, limit }) {
      const found = await mails
        .find(to === undefined ? {} : { to })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray();
      return found.map(read);
    },

    async find(id) {
      const found = await mails.findOne({ _id: id });
      return found && read(found);
    },

    async prepare() {
      await mails.createIndex({ at: 1 }, { expireAfterSeconds: keptForSeconds });
      await mails.createIndex({ to: 1, _id: -1 });
    },
  };
}
