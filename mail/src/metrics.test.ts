import { collectionOf } from '@box-office/common/store/mongo';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import type { mongo } from 'mongoose';
import { origin } from './mail-under-test.ts';
import { createMail } from './service.ts';

let parts: TestParts;

beforeEach(async () => {
  parts = await testParts();
  const intervals = { MAIL_PAUSE_MS: 50, MAIL_LEASE_MS: 60_000 };
  createMail(parts, { ...intervals, MAIL_FROM: 'tickets@shop.example', PUBLIC_ORIGIN: origin, MAILS_AT_ONCE: 5 });
});

// The test may have ended them already.
afterEach(() => parts.end().catch(() => {}));

const mails = () => collectionOf<mongo.Document & { _id: string }>(parts.connection, 'mails');
const age = async () => {
  const [, seconds] = /^mails_due_oldest_age_seconds (\S+)$/m.exec(await parts.metrics.metrics()) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
};

async function queued(dueAt: Date): Promise<string> {
  const _id = newId();
  await mails().insertOne({ _id, facts: [_id], state: 'queued', dueAt });
  return _id;
}

it('tells for how long the oldest mail is due that nobody has sent', async () => {
  expect(await age()).toBe(0);
  const first = await queued(new Date(parts.now().getTime() + 10_000));
  expect(await age()).toBe(0);
  parts.now.forward(60_000);
  await queued(parts.now());
  expect(Math.floor((await age()) ?? 0)).toBe(50);
  await mails().updateOne({ _id: first }, { $set: { state: 'sent' }, $unset: { dueAt: '' } });
  expect(await age()).toBeLessThan(50);
});

it('tells nothing while the database is away', async () => {
  expect(await age()).toBe(0);
  await parts.end();
  expect(await age()).toBeUndefined();
});
