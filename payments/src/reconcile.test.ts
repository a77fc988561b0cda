import { PaymentAuthorized, PaymentRefunded } from '@box-office/common/contracts/payments';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import {
  askedAbout,
  heard,
  intentsOf,
  parts,
  pay,
  payable,
  paymentOf,
  sandbox,
  sold,
  stripe,
  untilForgotten,
  usePayments,
} from './payments-under-test.ts';
import { refunds } from './reconcile.ts';

usePayments();

const stored = () => parts.connection.collection<StoredAggregate>('payments');

it('finds payments and refunds of which no webhook has told before it has made those of a large show', async () => {
  const [refunded, order] = [await sold(), await payable()];
  sandbox.faults({ loseWebhooks: { probability: 1 } });
  const [intent] = intentsOf(refunded);
  await stripe.refunds.create({ payment_intent: intent?.id ?? '' });
  await pay(order);
  const large = Array.from({ length: 200 }, (_, n) => `${n}`.padStart(24, '0'));
  const captured = { ...(await paymentOf(order)), stripeId: intent?.id, status: 'captured', refundWanted: true };
  await stored().insertMany(large.map((_id) => ({ ...captured, _id, outbox: [] })));
  sandbox.faults({ loseWebhooks: { probability: 1 }, delayRepliesMs: 200 });
  untilForgotten();
  await Promise.all([heard(order, PaymentAuthorized), heard(refunded, PaymentRefunded)]);
  expect(await stored().countDocuments({ _id: { $in: large }, status: 'captured' })).toBeGreaterThan(0);
  await stored().deleteMany({ _id: { $in: large } });
});

it('leaves a refund alone that waits for balance at Stripe', async () => {
  const [waiting, due] = [await sold(), await sold()];
  const postponed = { since: parts.now().toISOString(), times: 1, retryAt: '2999-01-01T00:00:00.000Z' };
  await stored().updateOne({ _id: waiting.id }, { $set: { refundWanted: true, postponed } });
  await stored().updateOne({ _id: due.id }, { $set: { refundWanted: true } });
  const before = askedAbout(waiting).length;
  untilForgotten();
  await heard(due, PaymentRefunded);
  expect(askedAbout(waiting)).toHaveLength(before);
});

it('looks for refunds without reading the payments that need none', async () => {
  await sold();
  const since = { $lt: parts.now().toISOString() };
  for (const which of refunds) {
    const { executionStats } = await stored()
      .find({ ...which, since })
      .explain('executionStats');
    expect(executionStats.totalDocsExamined).toBe(executionStats.nReturned);
  }
});
