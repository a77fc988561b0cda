import { type Order, OrderCompleted } from '@box-office/common/contracts/orders';
import { type Person, PersonKnown } from '@box-office/common/contracts/people';
import type { Service } from '@box-office/common/service';
import { collectionOf } from '@box-office/common/store/mongo';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import type { mongo } from 'mongoose';
import { Registry } from 'prom-client';
import type { MailboxMail } from './mailbox/mailbox.ts';
import { createMail, type MailSettings } from './service.ts';

export const origin = 'https://shop.example';

export const orderOf = (userId: string, more: Partial<Order> = {}): Order => ({
  id: newId(),
  version: 0,
  userId,
  status: 'created',
  expiresAt: new Date(Date.now() + 900_000).toISOString(),
  ticket: { id: newId(), title: 'Opera', price: 1500, currency: 'eur' },
  attempt: 1,
  ...more,
});

export interface MailUnderTest {
  readonly parts: TestParts;
  /** Starts one more process of it, as a replica. */
  replica(): Promise<Service>;
  collection<Stored extends { _id: string }>(name: string): mongo.Collection<Stored>;
  /** Somebody whom auth knows. */
  person(more?: Partial<Person>): Promise<Person>;
  end(): Promise<void>;
}

/** The service with real engines; mails go to `smtpUrl`, or into the mailbox without it. */
export async function mailUnderTest(more: Partial<MailSettings> = {}): Promise<MailUnderTest> {
  const parts = await testParts();
  const settings: MailSettings = {
    MAIL_FROM: 'Box Office <tickets@shop.example>',
    PUBLIC_ORIGIN: origin,
    MAILS_AT_ONCE: 5,
    MAIL_PAUSE_MS: 50,
    MAIL_LEASE_MS: 60_000,
    ...more,
  };
  const running: Service[] = [];
  async function replica(): Promise<Service> {
    const service = createMail({ ...parts, metrics: new Registry() }, settings);
    running.push(service);
    await service.start();
    return service;
  }
  return {
    parts,
    replica,
    collection: (name) => collectionOf(parts.connection, name),
    async person(more = {}) {
      const id = newId();
      const email = `${id}@example.com`;
      const person: Person = { id, version: 0, kind: 'person', email, language: 'en', verified: true, ...more };
      await announce(parts.bus, PersonKnown, person);
      return person;
    },
    async end() {
      await Promise.all(running.map((service) => service.stop()));
      await parts.end();
    },
  };
}

/** What has arrived in the mailbox. */
export function mailboxOf(mail: () => MailUnderTest) {
  const mailsTo = (to: string) =>
    mail().collection<MailboxMail & { _id: string }>('mailbox').find({ to }).sort({ _id: 1 }).toArray();
  const to = async (email: string) => (await mailsTo(email)).map(({ subject }) => subject);
  const getsAll = (email: string, subjects: readonly string[]) =>
    eventually(async () => expect((await to(email)).toSorted()).toEqual(subjects.toSorted()));
  return {
    to,
    getsAll,
    lastTo: async (email: string) => (await mailsTo(email)).at(-1),
    /** What was announced before has been handled when this mail has arrived. */
    async untilHeard() {
      const { id, email } = await mail().person();
      await announce(mail().parts.bus, OrderCompleted, orderOf(id, { status: 'complete' }));
      await getsAll(email, ['Your ticket: Opera']);
    },
  };
}
