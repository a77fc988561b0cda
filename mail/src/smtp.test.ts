import { type Order, OrderCompleted, OrderCreated } from '@box-office/common/contracts/orders';
import { type Show, ShowChanged } from '@box-office/common/contracts/shows';
import { type WaitingEntry, WaitingOver } from '@box-office/common/contracts/waiting';
import { announce } from '@box-office/common/testing/announce';
import { cable } from '@box-office/common/testing/cable';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import request from 'supertest';
import { type MailUnderTest, mailUnderTest, orderOf } from './mail-under-test.ts';
import { smtp } from './smtp.ts';
import { type Received, smtpServer, type TestServer } from './smtp-under-test.ts';

let server: TestServer;
let mail: MailUnderTest;

beforeEach(async () => {
  server = await smtpServer();
  mail = await mailUnderTest({ SMTP_URL: server.url });
});

afterEach(async () => {
  await mail.end();
  await server.close();
});

const paid = async (more: Partial<Order> = {}) => {
  const { id, email } = await mail.person();
  const order = orderOf(id, { status: 'complete', version: 1, ...more });
  await announce(mail.parts.bus, OrderCompleted, order);
  return { order, email };
};

const to = (email: string): Received[] =>
  server.received.filter((it) => it.to.some(({ address }) => address === email));
const stateOf = async (id: string) =>
  (await mail.parts.connection.db?.collection<{ _id: string; state: string }>('mails').findOne({ _id: id }))?.state;

it('is told no password by somebody who cannot encrypt the connection', async () => {
  const plain = await smtpServer({ takesPasswords: true });
  const outlet = smtp({ url: plain.url.replace('//', '//shop:pass-3f9a@'), from: 'Shop <shop@shop.example>' });
  const delivery = await outlet.deliver({
    ...{ messageId: '<1@shop.example>', subject: 'Hello', html: '', text: 'Hello', date: new Date() },
    to: { address: 'somebody@example.com', name: '' },
  });
  await plain.close();
  expect(delivery.result).toBe('failed');
  expect(plain.passwords).toEqual([]);
});

describe('a mail server', () => {
  it('gets each mail once, however often its fact is announced and however many processes send', async () => {
    await mail.replica();
    await mail.replica();
    const people = await Promise.all(Array.from({ length: 20 }, () => paid()));
    for (const { order } of people) await announce(mail.parts.bus, OrderCompleted, order);
    await eventually(async () => {
      for (const { order } of people) expect(await stateOf(`${order.id}:paid`)).toBe('sent');
    });
    for (const { order, email } of people) {
      expect(to(email).map(({ messageId }) => messageId)).toEqual([`<${order.id}.paid@shop.example>`]);
    }
    expect(server.mostAtOnce()).toBeLessThanOrEqual(10);
  });

  it('gets plain headers: no tracking, no list, and a note that a machine has written it', async () => {
    await mail.replica();
    const { email } = await paid();
    const received = await eventually(() => only(to(email)));
    expect(received.subject).toBe('Your ticket: Opera');
    expect(received.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(received.source).not.toMatch(/List-Unsubscribe|<img|Bcc/);
    expect(received.from).toEqual({ name: 'Box Office', address: 'tickets@shop.example' });
    expect(received.text).toContain('Your payment has arrived');
    expect(received.html).toContain('<html');
  });

  it('that greylists is asked again until it takes the mail', async () => {
    server.next('greylist', 'greylist');
    await mail.replica();
    const { order, email } = await paid();
    await eventually(async () => expect(await stateOf(`${order.id}:paid`)).toBe('sent'));
    expect(to(email)).toHaveLength(1);
  });

  it('that drops the connection after it has taken a mail gets it twice, as the same message', async () => {
    server.next('drop');
    await mail.replica();
    const { order, email } = await paid();
    await eventually(async () => expect(await stateOf(`${order.id}:paid`)).toBe('sent'));
    expect(new Set(to(email).map(({ messageId }) => messageId)).size).toBe(1);
    expect(to(email)).toHaveLength(2);
  });

  it('that is slow is waited for', async () => {
    server.next('delay');
    await mail.replica();
    const { order, email } = await paid();
    await eventually(async () => expect(await stateOf(`${order.id}:paid`)).toBe('sent'));
    expect(to(email)).toHaveLength(1);
  });

  it('that never answers keeps a mail no longer than its lease, and no other mail', async () => {
    await mail.end();
    mail = await mailUnderTest({ SMTP_URL: server.url, MAIL_LEASE_MS: 8_000 });
    server.next('stall');
    await mail.replica();
    const first = await paid();
    await eventually(() => expect(to(first.email)).toHaveLength(1));
    const second = await paid();
    await eventually(async () => expect(await stateOf(`${second.order.id}:paid`)).toBe('sent'));
    await eventually(async () => expect(await stateOf(`${first.order.id}:paid`)).toBe('sent'));
    expect(new Set(to(first.email).map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('that is away gets the mails when it is back', async () => {
    // Cut instead of closed: its port could be somebody else's when it is to be back.
    const wire = await cable(server.url);
    await mail.end();
    mail = await mailUnderTest({ SMTP_URL: wire.url });
    wire.pull();
    await mail.replica();
    const { order, email } = await paid();
    const mails = mail.parts.connection.db?.collection<{ _id: string; tries: number }>('mails');
    await eventually(async () => expect((await mails?.findOne({ _id: `${order.id}:paid` }))?.tries).toBeGreaterThan(1));
    expect(to(email)).toEqual([]);
    wire.plug();
    await eventually(() => only(to(email)));
    await wire.close();
  });
});

describe('a mail that a server refuses', () => {
  it.each([
    ['refuse', 550],
    ['refuse-data', 554],
  ] as const)('is not tried again, and its seller sees why (%s)', async (manner, code) => {
    server.next(manner);
    const service = await mail.replica();
    const seller = await mail.person();
    const { order, email } = await paid({ sellerId: seller.id });
    await eventually(async () => expect(await stateOf(`${order.id}:paid`)).toBe('refused'));
    const { body } = await refusedFor(service.app, seller.id);
    expect(body).toEqual([
      expect.objectContaining({ orderId: order.id, title: 'Opera', kind: 'paid', code, reason: expect.any(String) }),
    ]);
    // Sellers do not know their buyers.
    expect(JSON.stringify(body)).not.toContain(email);
    expect((await refusedFor(service.app, order.userId)).body).toEqual([]);
    expect(to(email)).toEqual([]);
  });

  it('to somebody on a waiting list is shown to the organiser of the show', async () => {
    server.next('refuse');
    const service = await mail.replica();
    const [organiser, waiting] = [await mail.person(), await mail.person()];
    const show: Show = {
      ...{ id: newId(), version: 1, userId: organiser.id, state: 'on-sale', title: 'Aida', venue: { name: 'Hall' } },
      ...{ timeZone: 'Europe/Berlin', startsAt: '2099-01-01T19:00:00.000Z', currency: 'eur', kinds: [] },
    };
    await announce(mail.parts.bus, ShowChanged, show);
    await eventually(async () =>
      expect(await mail.collection('shows').findOne({ _id: show.id })).toMatchObject({ version: 1 }),
    );
    const entry: WaitingEntry = {
      ...{ id: newId(), version: 1, showId: show.id, kindId: newId(), kind: 'Stalls', title: 'Aida', quantity: 2 },
      ...{ userId: waiting.id, state: 'over', reason: 'sale-over' },
    };
    await announce(mail.parts.bus, WaitingOver, entry);
    await eventually(async () => expect(await stateOf(`${entry.id}:waited-in-vain`)).toBe('refused'));
    const { body } = await refusedFor(service.app, organiser.id);
    expect(body).toEqual([
      {
        ...{ id: expect.any(String), showId: show.id, title: 'Aida', kind: 'waited-in-vain' },
        ...{ at: expect.any(String), code: 550, reason: expect.any(String) },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(waiting.email);
    expect((await refusedFor(service.app, organiser.id, `?showId=${show.id}`)).body).toEqual(body);
    expect((await refusedFor(service.app, organiser.id, `?showId=${newId()}`)).body).toEqual([]);
    expect((await refusedFor(service.app, waiting.id)).body).toEqual([]);
  });

  it('stands in a list of pages', async () => {
    server.next('refuse', 'refuse', 'refuse');
    const service = await mail.replica();
    const seller = await mail.person();
    const orders = [];
    for (let i = 0; i < 3; i++) orders.push((await paid({ sellerId: seller.id })).order);
    await eventually(async () => expect((await refusedFor(service.app, seller.id)).body).toHaveLength(3));
    const first = await refusedFor(service.app, seller.id, '?limit=2');
    expect(first.body).toHaveLength(2);
    const next = /<([^>]+)>/.exec(first.headers.link ?? '')?.[1] ?? '';
    const second = await request(service.app)
      .get(next)
      .set({ Authorization: `Bearer ${seller.id}` })
      .expect(200);
    const ids = [...first.body, ...second.body].map(({ orderId }: { orderId: string }) => orderId);
    expect(ids.toSorted()).toEqual(orders.map(({ id }) => id).toSorted());
    const one = await refusedFor(service.app, seller.id, `?orderId=${orders[0]?.id}`);
    expect(one.body).toHaveLength(1);
  });
});

it('asks nobody to pay for an order that is paid before the mail is sent', async () => {
  // So long that it is no question of speed which of the two is stored in time.
  const patienceMs = 600_000;
  await mail.end();
  mail = await mailUnderTest({ SMTP_URL: server.url, patienceMs });
  const { id, email } = await mail.person();
  const order = orderOf(id);
  await announce(mail.parts.bus, OrderCreated, order);
  await announce(mail.parts.bus, OrderCompleted, { ...order, status: 'complete', version: 1 });
  await mail.replica();
  await eventually(async () => expect(await stateOf(`${order.id}:paid`)).toBe('sent'));
  mail.parts.now.forward(patienceMs);
  await eventually(async () => expect(await stateOf(`${order.id}:made`)).toBe('overtaken'));
  expect(to(email)).toHaveLength(1);
});

function only<Item>(items: readonly Item[]): Item {
  const [first, ...more] = items;
  if (!first || more.length > 0) throw new Error(`expected one, not ${items.length}`);
  return first;
}

const refusedFor = (app: Parameters<typeof request>[0], user: string, query = '') =>
  request(app)
    .get(`/api/mail/refused${query}`)
    .set({ Authorization: `Bearer ${user}` })
    .expect(200);
