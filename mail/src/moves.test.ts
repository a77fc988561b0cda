import { type Order, OrderCompleted, type OrderedTicket, OrderTicketsEnded } from '@box-office/common/contracts/orders';
import { type Show, ShowCancelled, ShowChanged, ShowPrepared } from '@box-office/common/contracts/shows';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { type MailUnderTest, mailboxOf, mailUnderTest, orderOf } from './mail-under-test.ts';
import { mailStore } from './mails.ts';
import { createMoves } from './moves.ts';

let mail: MailUnderTest;

beforeAll(async () => {
  mail = await mailUnderTest();
  await mail.replica();
  await mail.replica();
});

afterAll(() => mail.end());

const { to, lastTo, getsAll, untilHeard } = mailboxOf(() => mail);

describe('a show', () => {
  const venue = { name: 'Hall' };
  const showOf = (): Show => ({
    ...{
      id: newId(),
      version: 0,
      userId: newId(),
      state: 'on-sale',
      title: 'Opera',
      venue,
      currency: 'eur',
      kinds: [],
    },
    ...{ timeZone: 'Europe/Berlin', startsAt: '2099-01-01T19:00:00.000Z' },
  });
  const soldFor = ({ id: showId, startsAt, timeZone }: Show, userId: string, more: Partial<OrderedTicket> = {}) => {
    const order = orderOf(userId, {
      status: 'complete',
      showId,
      tickets: [{ id: newId(), attempt: 1, price: 1500, ...more }],
    });
    return { ...order, ticket: { ...order.ticket, venue: 'Hall', startsAt, timeZone } };
  };

  const logged = () =>
    mail.parts.logged
      .map((line): { msg: string; id?: string } => JSON.parse(line))
      .flatMap(({ msg, id }) => (msg === 'left a document out that cannot be read' ? id : []));

  it('that moves is told to those who have tickets, once for each move, and to nobody else', async () => {
    const show = showOf();
    await announce(mail.parts.bus, ShowPrepared, show);
    const [holder, former, latecomer] = [await mail.person(), await mail.person(), await mail.person()];
    await announce(mail.parts.bus, OrderCompleted, soldFor(show, holder.id));
    await announce(mail.parts.bus, OrderTicketsEnded, soldFor(show, former.id, { ended: 'resold' }));
    await untilHeard();
    const moved = { ...show, version: 1, startsAt: '2099-01-02T19:00:00.000Z' };
    await announce(mail.parts.bus, ShowChanged, moved);
    await announce(mail.parts.bus, ShowChanged, { ...moved, version: 2, title: 'La Traviata' });
    await getsAll(holder.email, ['Your ticket: Opera', 'Changed: Opera']);
    const text = (await lastTo(holder.email))?.text ?? '';
    expect(text).toMatch(/New time\s+Friday,? 2 January 2099/);
    expect(text).toMatch(/Before\s+Thursday,? 1 January 2099/);
    // Who bought after the move knows; who bought before it and is heard of late does not.
    await announce(mail.parts.bus, OrderCompleted, soldFor(moved, latecomer.id));
    await announce(mail.parts.bus, ShowChanged, { ...moved, version: 3, venue: { name: 'Arena' } });
    await getsAll(holder.email, ['Your ticket: Opera', 'Changed: Opera', 'Changed: Opera']);
    await getsAll(latecomer.email, ['Your ticket: Opera', 'Changed: Opera']);
    const late = await mail.person();
    await announce(mail.parts.bus, OrderCompleted, soldFor(show, late.id));
    await getsAll(late.email, ['Your ticket: Opera', 'Changed: Opera']);
    expect((await to(former.email)).filter((it) => it.startsWith('Changed'))).toEqual([]);
  });

  it('that moves is told to those who still have a ticket, not to those who got all of their money back', async () => {
    const show = showOf();
    await announce(mail.parts.bus, ShowPrepared, show);
    const at = '2027-01-01T10:00:00.000Z';
    const bought = async (more: Partial<Order>) => {
      const { id, email } = await mail.person();
      const order = { ...soldFor(show, id), ...more };
      await announce(mail.parts.bus, OrderCompleted, order);
      return { email, id: order.id };
    };
    const ticket = { id: newId(), attempt: 1, price: 1500 };
    const dispute = (status: 'open' | 'lost') => ({ dispute: { status, amount: 1500 } });
    const nobody = [
      await bought({ refundedAt: at, refunded: 1500 }),
      await bought({
        refunded: 1500,
        tickets: [
          { ...ticket, refundedAt: at },
          { ...ticket, ended: 'resold' },
        ],
      }),
      await bought(dispute('lost')),
    ];
    const holders = [
      await bought({ refunded: 1500, partlyRefundedAt: at, tickets: [{ ...ticket, refundedAt: at }, ticket] }),
      await bought(dispute('open')),
    ];
    const copies = mail.collection('known-orders');
    const ids = [...nobody, ...holders].map(({ id }) => id);
    await eventually(async () => expect(await copies.countDocuments({ _id: { $in: ids } })).toBe(ids.length));
    await announce(mail.parts.bus, ShowChanged, { ...show, version: 1, venue: { name: 'Arena' } });
    for (const { email } of holders) await eventually(async () => expect(await to(email)).toContain('Changed: Opera'));
    // Only when all of its orders have been looked at.
    const told = () => mail.collection<{ _id: string; telling?: object }>('shows').findOne({ _id: show.id });
    await eventually(async () => expect((await told())?.telling).toBeUndefined());
    const keys = nobody.map(({ id }) => `${id}:moved:1`);
    expect(await mail.collection('mails').countDocuments({ _id: { $in: keys } })).toBe(0);
  });

  it('that moves is told once, if one process reads it before and another after a change of something else', async () => {
    const { connection, now, newId, logger } = mail.parts;
    const mails = mailStore({ connection, now, newId, leaseMs: 60_000 });
    let meanwhile = async () => {};
    const moves = createMoves({
      ...{ connection, now, logger, everyMs: 60_000, add: mails.add },
      async toldPlace(orderId) {
        const told = await mails.toldPlace(orderId);
        await meanwhile();
        return told;
      },
    });
    const show = showOf();
    const holder = await mail.person();
    const order = soldFor(show, holder.id);
    const moved = { ...show, version: 1, startsAt: '2099-01-02T19:00:00.000Z' };
    for (const state of [show, moved]) await moves.take(state);
    meanwhile = async () => {
      meanwhile = async () => {};
      await moves.take({ ...moved, version: 2, title: 'La Traviata' });
      await moves.tell(order, now());
    };
    await moves.tell(order, now());
    const mailsAbout = mail.collection<{ _id: string; orderId: string }>('mails').find({ orderId: order.id });
    expect(await mailsAbout.toArray()).toHaveLength(1);
    await getsAll(holder.email, ['Changed: Opera']);
  });

  it('that cannot be read is logged, and stops no other one that moves', async () => {
    const unreadable = Array.from({ length: 12 }, () => ({
      ...{ _id: newId(), version: 1, place: 'Hall' },
      telling: { after: '', since: new Date(0) },
    }));
    const shows = mail.collection<{ _id: string }>('shows');
    await shows.insertMany(unreadable);
    const show = showOf();
    const holder = await mail.person();
    await announce(mail.parts.bus, ShowPrepared, show);
    await announce(mail.parts.bus, OrderCompleted, soldFor(show, holder.id));
    await getsAll(holder.email, ['Your ticket: Opera']);
    await announce(mail.parts.bus, ShowChanged, { ...show, version: 1, venue: { name: 'Arena' } });
    await getsAll(holder.email, ['Your ticket: Opera', 'Changed: Opera']);
    expect(logged()).toEqual(expect.arrayContaining(unreadable.map(({ _id }) => _id)));
    await shows.deleteMany({ _id: { $in: unreadable.map(({ _id }) => _id) } });
  });

  it('that cannot be read hides no news of its orders, and is known again by its next news', async () => {
    const { connection, now, newId, logger } = mail.parts;
    const mails = mailStore({ connection, now, newId, leaseMs: 60_000 });
    const moves = createMoves({ connection, now, logger, everyMs: 60_000, add: mails.add, toldPlace: mails.toldPlace });
    const show = showOf();
    const order = soldFor(show, newId());
    await mail.collection<{ _id: string; version: number }>('shows').insertOne({ _id: show.id, version: 1 });
    await moves.tell(order, now());
    expect(logged()).toContain(show.id);
    await moves.take({ ...show, version: 2 });
    await moves.take({ ...show, version: 3, venue: { name: 'Arena' } });
    await moves.tell(order, now());
    expect(await mails.toldPlace(order.id)).toMatchObject({ venue: 'Arena' });
  });

  it('that is cancelled is told by each order, not as a move', async () => {
    const show = showOf();
    const holder = await mail.person();
    const order = soldFor(show, holder.id);
    await announce(mail.parts.bus, ShowPrepared, show);
    await announce(mail.parts.bus, OrderCompleted, order);
    await untilHeard();
    await announce(mail.parts.bus, ShowCancelled, {
      ...show,
      version: 1,
      state: 'cancelled',
      startsAt: '2099-01-02T19:00:00.000Z',
    });
    const tickets = order.tickets?.map((it) => ({ ...it, ended: 'show-cancelled' as const }));
    await announce(mail.parts.bus, OrderTicketsEnded, { ...order, version: 1, ...(tickets ? { tickets } : {}) });
    await getsAll(holder.email, ['Your ticket: Opera', 'Cancelled: Opera']);
    await untilHeard();
    expect(await to(holder.email)).toHaveLength(2);
  });
});
