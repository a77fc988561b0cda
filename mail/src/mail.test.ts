import {
  OrderCompleted,
  OrderCreated,
  type OrderedTicket,
  OrderPartlyRefunded,
  OrderRefunded,
  OrderTicketsEnded,
} from '@box-office/common/contracts/orders';
import { LinkRequested, PersonForgotten, PersonKnown, SecurityNoticed } from '@box-office/common/contracts/people';
import { type WaitingEntry, WaitingOver, WaitingServed } from '@box-office/common/contracts/waiting';
import { announce, announceNonsense } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { type MailUnderTest, mailboxOf, mailUnderTest, orderOf } from './mail-under-test.ts';

let mail: MailUnderTest;
/** How long a request to pay waits: no test is so slow. */
const patienceMs = 600_000;

beforeAll(async () => {
  mail = await mailUnderTest({ patienceMs });
  await mail.replica();
  await mail.replica();
});

afterAll(() => mail.end());

const collection = <Stored extends { _id: string }>(name: string) => mail.collection<Stored>(name);
const { to, lastTo, getsAll, untilHeard } = mailboxOf(() => mail);
const stored = (id: string) =>
  collection<{ _id: string; state: string; letter?: unknown }>('mails').findOne({ _id: id });
const heard = () => mail.parts.bus.jsm.consumers.info('orders', 'mail');
/** All news of orders so far has been dealt with. */
const allHeard = () =>
  eventually(async () => expect(await heard()).toMatchObject({ num_pending: 0, num_ack_pending: 0 }));

describe('the address book', () => {
  it('may know a buyer later than their order', async () => {
    const id = newId();
    const order = orderOf(id, { status: 'complete' });
    await announce(mail.parts.bus, OrderCompleted, order);
    await untilHeard();
    const email = `${id}@example.com`;
    await announce(mail.parts.bus, PersonKnown, {
      id,
      version: 0,
      kind: 'person',
      email,
      language: 'de',
      verified: true,
    });
    await getsAll(email, ['Ihr Ticket: Opera']);
  });

  it('keeps a guest’s key when later news leaves it out, and never goes back', async () => {
    const guest = await mail.person({ kind: 'guest', name: 'Ann', key: 'THEKEY', version: 1 });
    const { key: _, ...rest } = guest;
    await announce(mail.parts.bus, PersonKnown, { ...rest, version: 2, name: 'Anna' });
    await announce(mail.parts.bus, PersonKnown, { ...rest, version: 0, name: 'Nobody' });
    const order = orderOf(guest.id, { status: 'complete' });
    await eventually(async () =>
      expect(await collection('people').findOne({ _id: guest.id })).toMatchObject({ name: 'Anna', key: 'THEKEY' }),
    );
    await announce(mail.parts.bus, OrderCompleted, order);
    await getsAll(guest.email, ['Your ticket: Opera']);
    const text = (await lastTo(guest.email))?.text;
    expect(text).toContain('Hello Anna,');
    expect(text).toContain(`https://shop.example/open?key=THEKEY&to=%2Forders%2F${order.id}`);
  });

  it.each(['en', 'de'] as const)('sends a guest who has made an account to the order itself (%s)', async (language) => {
    const guest = await mail.person({ kind: 'guest', key: 'DEADKEY', language });
    const subject = language === 'de' ? 'Ihr Ticket: Opera' : 'Your ticket: Opera';
    await announce(mail.parts.bus, OrderCompleted, orderOf(guest.id, { status: 'complete' }));
    await getsAll(guest.email, [subject]);
    expect((await lastTo(guest.email))?.text).toContain('/open?key=DEADKEY');
    const { key: _, ...rest } = guest;
    await announce(mail.parts.bus, PersonKnown, { ...rest, version: 1, kind: 'person' });
    await eventually(async () =>
      expect(await collection('people').findOne({ _id: guest.id })).toMatchObject({ version: 1 }),
    );
    const order = orderOf(guest.id, { status: 'complete' });
    await announce(mail.parts.bus, OrderCompleted, order);
    await getsAll(guest.email, [subject, subject]);
    const text = (await lastTo(guest.email))?.text.replaceAll(/\s+/g, ' ') ?? '';
    expect(text).toContain(`https://shop.example/orders/${order.id}`);
    expect(text).not.toContain('/open');
    expect(text).toMatch(
      language === 'de' ? /wegen Ihrer Bestellung oder Ihres Kontos/ : /because of your order or account/,
    );
  });

  it('forgets a person, who gets nothing from then on', async () => {
    const { id, email } = await mail.person();
    await announce(mail.parts.bus, PersonForgotten, { id, version: 1 });
    await eventually(async () =>
      expect(await collection('people').findOne({ _id: id })).toEqual({ _id: id, version: 1, forgotten: true }),
    );
    const order = orderOf(id, { status: 'complete' });
    await announce(mail.parts.bus, OrderCompleted, order);
    await eventually(async () => expect((await stored(`${order.id}:paid`))?.state).toBe('forgotten'));
    expect(await to(email)).toEqual([]);
  });
});

describe('what auth sends', () => {
  const link = () => ({
    ...{ id: newId(), version: 0, personId: newId(), email: `${newId()}@example.com`, language: 'en' as const },
    ...{ purpose: 'reset' as const, token: 'THE-SECRET', expiresAt: new Date(Date.now() + 900_000).toISOString() },
  });

  it('is mailed once, and gone from the stream and the database afterwards', async () => {
    const requested = link();
    await announce(mail.parts.bus, LinkRequested, requested);
    await announce(mail.parts.bus, LinkRequested, requested);
    await getsAll(requested.email, ['Reset your password']);
    expect((await lastTo(requested.email))?.text).toContain('/link?purpose=reset&token=THE-SECRET');
    await eventually(async () => {
      const left = await stored(`link:${requested.id}`);
      expect(left?.state).toBe('sent');
      expect(JSON.stringify(left)).not.toMatch(/SECRET|example\.com/);
    });
    await eventually(async () => expect((await mail.parts.bus.jsm.streams.info('auth')).state.messages).toBe(0));
  });

  it('is not mailed when the link has expired', async () => {
    const requested = { ...link(), expiresAt: new Date(Date.now() - 1_000).toISOString() };
    await announce(mail.parts.bus, LinkRequested, requested);
    await eventually(async () => expect((await stored(`link:${requested.id}`))?.state).toBe('too-late'));
    expect(await to(requested.email)).toEqual([]);
  });

  it('is a notice of each event that the owner of an account should know', async () => {
    const notice = {
      ...{ id: newId(), email: `${newId()}@example.com`, language: 'de' as const },
      at: new Date().toISOString(),
    };
    await announce(mail.parts.bus, SecurityNoticed, {
      ...notice,
      version: 1,
      what: 'password-changed',
      device: 'Firefox',
    });
    await announce(mail.parts.bus, SecurityNoticed, { ...notice, version: 2, what: 'passkey-added' });
    await getsAll(notice.email, ['Ihr Passwort wurde geändert', 'Ein Passkey wurde hinzugefügt']);
  });
});

describe('an order', () => {
  it('tells of each refund, and once of tickets that ended together', async () => {
    const { id, email } = await mail.person();
    const ticket: OrderedTicket = { id: newId(), attempt: 1, price: 1500 };
    const tickets = [ticket, { ...ticket, id: newId() }, { ...ticket, id: newId() }];
    const order = { ...orderOf(id, { status: 'complete', total: 4500, currency: 'eur' }), tickets };
    await announce(mail.parts.bus, OrderCompleted, order);
    const partly = { ...order, version: 1, refunded: 1500, partlyRefundedAt: '2027-01-01T10:00:00.000Z' };
    await announce(mail.parts.bus, OrderPartlyRefunded, partly);
    const resold = tickets.map((it, index) => (index < 2 ? { ...it, ended: 'resold' as const } : it));
    await announce(mail.parts.bus, OrderTicketsEnded, { ...partly, version: 2, tickets: resold });
    // Another process may be faster with what follows, and would tell of all three at once.
    await getsAll(email, ['Your tickets: Opera', 'Partly refunded: Opera', 'Resold: Opera']);
    const all = resold.map((it) => ({ ...it, ended: 'resold' as const }));
    await announce(mail.parts.bus, OrderTicketsEnded, { ...partly, version: 3, tickets: all });
    const { partlyRefundedAt: _, ...whole } = { ...partly, tickets: all };
    await announce(mail.parts.bus, OrderRefunded, {
      ...whole,
      version: 4,
      refunded: 4500,
      refundedAt: '2027-01-02T10:00:00.000Z',
    });
    await getsAll(email, [
      'Your tickets: Opera',
      'Partly refunded: Opera',
      'Resold: Opera',
      'Resold: Opera',
      'Refunded: Opera',
    ]);
  });

  it('of years ago is no news, if a stream brings it again', async () => {
    const { id, email } = await mail.person();
    const order = orderOf(id, { status: 'complete', showId: newId() });
    mail.parts.now.forward(4 * 24 * 60 * 60 * 1000);
    try {
      await announce(mail.parts.bus, OrderCompleted, order);
      await eventually(async () => expect(await collection('known-orders').findOne({ _id: order.id })).not.toBeNull());
      // Its copy is stored before it is decided whether it is news.
      await allHeard();
      expect(await stored(`${order.id}:paid`)).toBeNull();
    } finally {
      mail.parts.now.forward(-4 * 24 * 60 * 60 * 1000);
    }
    await untilHeard();
    expect(await to(email)).toEqual([]);
  });

  it('that cannot be read hides no other', async () => {
    await announceNonsense(mail.parts.bus, OrderCompleted, '{"id": 7}');
    const { id } = await mail.person();
    const order = orderOf(id, { status: 'complete' });
    const mails = collection<{ _id: string; [field: string]: unknown }>('mails');
    const broken = `${newId()}:paid`;
    await mails.insertOne({
      _id: broken,
      facts: [broken],
      state: 'queued',
      dueAt: new Date(0),
      letter: { kind: 'nonsense' },
    });
    await announce(mail.parts.bus, OrderCompleted, order);
    await eventually(async () => expect((await stored(`${order.id}:paid`))?.state).toBe('sent'));
    await eventually(async () => expect((await stored(broken))?.state).toBe('unreadable'));
  });
});

describe('a mail', () => {
  it('is sent although others that have ended seem to be due before it', async () => {
    const mails = collection<{ _id: string; [field: string]: unknown }>('mails');
    const ended = Array.from({ length: 10 }, () => `${newId()}:paid`);
    await mails.insertMany(ended.map((it) => ({ _id: it, facts: [it], state: 'sent', dueAt: new Date(0) })));
    const { id, email } = await mail.person();
    await announce(mail.parts.bus, OrderCompleted, orderOf(id, { status: 'complete' }));
    await getsAll(email, ['Your ticket: Opera']);
    expect(await mails.countDocuments({ _id: { $in: ended }, state: 'sent', dueAt: new Date(0) })).toBe(10);
    await mails.deleteMany({ _id: { $in: ended } });
  });
});

describe('a waiting list', () => {
  const entryOf = (userId: string, more: Partial<WaitingEntry>): WaitingEntry => ({
    ...{ id: newId(), version: 1, showId: newId(), kindId: newId(), kind: 'Stalls', title: 'Opera', quantity: 2 },
    ...{ userId, state: 'waiting' },
    ...more,
  });

  it('tells whose turn it is with one mail, not also that an order was made', async () => {
    const { id, email } = await mail.person();
    const order = orderOf(id, { showId: newId() });
    await announce(mail.parts.bus, WaitingServed, entryOf(id, { state: 'served', orderId: order.id }));
    await announce(mail.parts.bus, OrderCreated, order);
    await getsAll(email, ['It is your turn: Opera']);
    await eventually(async () => expect(await stored(`${order.id}:made`)).not.toBeNull());
    mail.parts.now.forward(patienceMs);
    try {
      await eventually(async () => expect((await stored(`${order.id}:made`))?.state).toBe('overtaken'));
    } finally {
      mail.parts.now.forward(-patienceMs);
    }
    expect(await to(email)).toEqual(['It is your turn: Opera']);
  });

  it('tells who has waited in vain, and why', async () => {
    const { id, email } = await mail.person();
    await announce(mail.parts.bus, WaitingOver, entryOf(id, { state: 'over', reason: 'show-cancelled' }));
    await getsAll(email, ['Waiting list: Opera']);
    expect((await lastTo(email))?.text).toContain('The event was cancelled.');
  });
});
