import { type Order, OrderTicketsEnded } from '@box-office/common/contracts/orders';
import type { Show } from '@box-office/common/contracts/shows';
import type { StoredAggregate } from '@box-office/common/store/aggregates';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { shelfOf } from '../lookup.ts';
import { authorize, capture, parts, show as shown, status, useOrders } from '../orders-under-test.ts';
import type { CancelledShow } from './cancelled-show-store.ts';
import { askFor, changeTo, inDays, kind, order, showOnSale } from './shows-under-test.ts';

useOrders();

const hours = 3_600_000;
const cancelledShow = (show: Show) => changeTo({ ...show, version: show.version + 1, state: 'cancelled' });
const bookmark = ({ id }: Show) => parts.connection.collection<CancelledShow>('cancelled-shows').findOne({ _id: id });
const stored = () => parts.connection.collection<StoredAggregate>('orders');

const endsOf = ({ tickets = [] }: Order) => tickets.map(({ ended }) => ended);
const hasEnded = (id: string, count: number) =>
  eventually(async () => expect(endsOf(await shown(id))).toEqual(Array(count).fill('show-cancelled')));
const ended = async ({ id }: Order) => (await announced(parts.bus, OrderTicketsEnded)).filter((it) => it.id === id);

async function paid(show: Show, quantity: number): Promise<Order> {
  const { body } = await askFor(show, quantity).expect(201);
  await authorize(body);
  await status(body.id, { status: 'awaiting:payment' });
  await capture(body);
  await status(body.id, { status: 'complete' });
  return body;
}

/** A free order that another process had decided on before it heard of the cancellation, and stores only now. */
async function storedLate(like: Order, changedAt = parts.now()): Promise<string> {
  const found = await stored().findOne({ _id: like.id });
  const [ticket] = found?.tickets ?? [];
  const [_id, ticketId] = [newId(), newId()];
  await stored().insertOne({
    ...found,
    ...{
      _id,
      ticketId,
      tickets: [{ ...ticket, id: ticketId, ended: null }],
      claims: [`${ticketId}:1`],
      version: 0,
    },
    ...{ changedAt, shelf: shelfOf(like.showId ?? '', changedAt.toISOString()), outbox: [] },
  });
  return _id;
}

describe('a cancelled show', () => {
  it('ends all tickets that are paid for and free ones, and cancels what is not paid', async () => {
    const show = await showOnSale([kind(10), kind(10, { name: 'Friends', price: 0 })]);
    const complete = await paid(show, 3);
    const [, friends] = show.kinds;
    const free = await order({ showId: show.id, lines: [{ kindId: friends?.id, quantity: 2 }] }).expect(201);
    const unpaid = await askFor(show, 1).expect(201);
    await cancelledShow(show);
    await hasEnded(complete.id, 3);
    await hasEnded(free.body.id, 2);
    await status(unpaid.body.id, { status: 'cancelled', reason: 'withdrawn' });
    expect(await shown(complete.id)).toMatchObject({ status: 'complete', version: 3 });
    // Once, although two processes look again and again.
    await eventually(async () => expect((await bookmark(show))?.readUpTo).not.toBe(''));
    await eventually(async () => expect(await ended(complete)).toHaveLength(1));
  });

  it('leaves an order that is being paid to its payment, and ends it then', async () => {
    const show = await showOnSale([kind(4)]);
    const { body } = await askFor(show, 2).expect(201);
    await authorize(body);
    await status(body.id, { status: 'awaiting:payment' });
    await cancelledShow(show);
    await eventually(async () => expect((await bookmark(show))?.readUpTo).not.toBe(''));
    expect(await shown(body.id)).toMatchObject({ status: 'awaiting:payment', version: 1 });
    await capture(body);
    await hasEnded(body.id, 2);
  });

  it('ends orders that are stored after it was cancelled, until its start is over, and is forgotten then', async () => {
    const show = await showOnSale([kind(4, { price: 0 })], { startsAt: inDays(2) });
    const { body } = await askFor(show, 1).expect(201);
    await cancelledShow(show);
    await hasEnded(body.id, 1);
    await hasEnded(await storedLate(body), 1);
    parts.now.forward(12 * hours);
    // By now it is looked at every forty minutes. Never further than to the next look: the start would come near.
    const isSeen = (check: () => Promise<unknown>) =>
      eventually(async () => {
        const nextAt = (await bookmark(show))?.dueAt ?? parts.now();
        parts.now.forward(Math.max(0, nextAt.getTime() - parts.now().getTime()));
        await check();
      });
    const isEnded = async (id: string) => expect(endsOf(await shown(id))).toEqual(['show-cancelled']);
    const late = await storedLate(body);
    await isSeen(() => isEnded(late));
    // So late that only a look at all orders finds it.
    const veryLate = await storedLate(body, new Date(parts.now().getTime() - 6 * hours));
    parts.now.forward(37 * hours);
    await isSeen(() => isEnded(veryLate));
    await isSeen(async () => expect(await bookmark(show)).toBeNull());
  });

  it('that an earlier release has heard of, which stores only the show, is found by itself unless it is over', async () => {
    const known = parts.connection.collection<{ _id: string }>('known-shows');
    const shows = [inDays(30), inDays(-1)].map((startsAt) => showOnSale([kind(4, { price: 0 })], { startsAt }));
    const [show, past] = await Promise.all(shows);
    if (!show || !past) throw new Error('there are two shows');
    const { body } = await askFor(show, 2).expect(201);
    await known.updateMany({ _id: { $in: [show.id, past.id] } }, { $set: { state: 'cancelled', version: 4 } });
    parts.now.forward(11 * 60_000);
    await hasEnded(body.id, 2);
    expect(await bookmark(show)).not.toBeNull();
    expect(await bookmark(past)).toBeNull();
  });

  it('is looked at less often as time goes by', async () => {
    const show = await showOnSale([kind(4)]);
    await cancelledShow(show);
    const pauseMs = async () => {
      const { dueAt = parts.now() } = (await bookmark(show)) ?? {};
      return dueAt.getTime() - parts.now().getTime();
    };
    await eventually(async () => expect((await bookmark(show))?.readUpTo).not.toBe(''));
    expect(await pauseMs()).toBeLessThan(60_000);
    parts.now.forward(2 * hours);
    await eventually(async () => {
      expect(await pauseMs()).toBeGreaterThan(5 * 60_000);
      expect(await pauseMs()).toBeLessThan(7 * 60_000);
    });
    parts.now.forward(25 * 24 * hours);
    await eventually(async () => expect(await pauseMs()).toBeGreaterThan(23 * hours));
    expect(await pauseMs()).toBeLessThanOrEqual(24 * hours);
  });

  it('is left alone after a month, and looked at once more when it would have begun', async () => {
    const show = await showOnSale([kind(4, { price: 0 })], { startsAt: inDays(300) });
    const { body } = await askFor(show, 1).expect(201);
    await cancelledShow(show);
    await hasEnded(body.id, 1);
    parts.now.forward(31 * 24 * hours);
    const isAtStart = async () => {
      const { dueAt, until } = (await bookmark(show)) ?? {};
      expect(dueAt).toEqual(until);
      expect(until?.getTime()).toBeGreaterThan(Date.parse(show.startsAt));
    };
    // A look may have begun just before.
    await eventually(async () => {
      parts.now.forward(24 * hours);
      await isAtStart();
    });
    const late = await storedLate(body);
    // Found missing by the search for shows that are not looked at, it would not stay so.
    parts.now.forward(24 * hours);
    await isAtStart();
    parts.now.forward(300 * 24 * hours);
    await hasEnded(late, 1);
    await eventually(async () => expect(await bookmark(show)).toBeNull());
  });

  it('is looked at once a day for as long as an order is left that cannot be ended', async () => {
    const show = await showOnSale([kind(4, { price: 0 })], { startsAt: inDays(2) });
    const { body } = await askFor(show, 1).expect(201);
    await stored().updateOne({ _id: body.id }, { $set: { title: 7 } });
    await cancelledShow(show);
    await eventually(async () => expect(await bookmark(show)).toMatchObject({ failed: [body.id] }));
    parts.now.forward(60 * 24 * hours);
    await eventually(async () => {
      const { dueAt = parts.now() } = (await bookmark(show)) ?? {};
      expect(dueAt.getTime() - parts.now().getTime()).toBeGreaterThan(23 * hours);
    });
    await stored().updateOne({ _id: body.id }, { $set: { title: 'Hamlet' } });
    parts.now.forward(25 * hours);
    await hasEnded(body.id, 1);
    await eventually(async () => expect(await bookmark(show)).toBeNull());
  });

  it('is not kept from ending the others by an order that cannot be read, which is ended once it can', async () => {
    const show = await showOnSale([kind(4, { price: 0 })]);
    const [bad, good] = [await askFor(show, 1).expect(201), await askFor(show, 1).expect(201)];
    await stored().updateOne({ _id: bad.body.id }, { $set: { title: 7 } });
    await cancelledShow(show);
    await hasEnded(good.body.id, 1);
    await eventually(async () => expect(await bookmark(show)).toMatchObject({ failed: [bad.body.id] }));
    const logged = parts.logged.map((line) => JSON.parse(line)).filter(({ orderId }) => orderId === bad.body.id);
    expect(logged).toMatchObject([{ level: 50, msg: 'could not end an order of a cancelled show' }]);
    await stored().updateOne({ _id: bad.body.id }, { $set: { title: 'Hamlet' } });
    parts.now.forward(2 * 60_000);
    await hasEnded(bad.body.id, 1);
  });
});
