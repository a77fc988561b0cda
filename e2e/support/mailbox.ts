import { eventually } from '@box-office/common/testing/eventually';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const Mails = z.array(z.object({ id: z.string(), subject: z.string(), text: z.string() }));
type Mail = z.infer<typeof Mails>[number];

/** The mailbox of a platform without a mail server, on mail's own port. */
export function mailboxAt(address: string) {
  /** The newest mail to somebody with such a subject. */
  async function mailTo(email: string, subject: RegExp): Promise<Mail> {
    const list = new URL(`/mailbox.json?to=${encodeURIComponent(email)}`, address);
    return eventually(async () => {
      const mails = Mails.parse(await (await fetch(list)).json());
      const found = mails.find((mail) => subject.test(mail.subject));
      if (!found) throw new Error(`among the mails to ${email}: ${mails.map((mail) => mail.subject)}`);
      return found;
    }, 20_000);
  }

  return {
    /** The link to this path of the shop, as the text of the mail has it. */
    async linkIn(email: string, subject: RegExp, path: string): Promise<string> {
      const { text } = await mailTo(email, subject);
      const found = text.match(/https?:\/\/[^\s\]>)]+/g)?.find((link) => new URL(link).pathname === path);
      if (!found) throw new Error(`no link to ${path} in: ${text}`);
      return found;
    },

    /** Reads the mail in a browser and follows its link to this path of the shop, which opens a new tab. */
    async follow(page: Page, email: string, subject: RegExp, path: string): Promise<Page> {
      const { id } = await mailTo(email, subject);
      await page.goto(new URL(`/mailbox?to=${encodeURIComponent(email)}`, address).href);
      await page.locator(`a[href$="/mailbox/${id}"]`).click();
      const [tab] = await Promise.all([
        page.waitForEvent('popup'),
        page.frameLocator('iframe[title="HTML"]').locator(`a[href*="${path}?"]`).first().click(),
      ]);
      return tab;
    },
  };
}
