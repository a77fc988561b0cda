import { OrderCompleted, OrderCreated, OrderPartlyRefunded, OrderRefunded } from '@box-office/common/contracts/orders';
import { announce } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import request from 'supertest';
import { as, parts, service, useTickets } from '../tickets-under-test.ts';
import { lookAt, openShow, orderOf, standing, states, units } from './shows-under-test.ts';

useTickets();

const ask = (id: string, name = 'organiser', path = 'sales') =>
  request(service.app).get(`/api/shows/${id}/${path}`).set(as(name));

describe('the sales of a show', () => {
  it('count what was reserved, sold and refunded, of each kind and on each day in the zone of the show', async () => {
    const show = await openShow({
      timeZone: 'Pacific/Auckland',
      kinds: [standing, { ...standing, name: 'Free', price: 0 }],
    });
    const complete = { version: 2, status: 'complete' } as const;
    await announce(parts.bus, OrderCreated, orderOf(show, [1]));
    await announce(parts.bus, OrderCompleted, orderOf(show, [2, 3], complete));
    const refundedAt = '2099-01-02T12:00:00.000Z';
    await announce(parts.bus, OrderRefunded, orderOf(show, [4], { ...complete, version: 3, refundedAt }));
    const states = () => units().distinct('state', { kindId: show.kinds[0]?.id ?? '' });
    await eventually(async () => expect((await states()).sort()).toEqual(['live', 'sold']));
    // Sold at different times.
    const sold = async (number: number, at: string) =>
      units().updateOne({ kindId: show.kinds[0]?.id ?? '', number }, { $set: { 'hold.at': at } });
    await sold(2, '2099-01-01T10:59:59.999Z');
    await sold(3, '2099-01-01T11:00:00.000Z');
    await sold(4, '2099-01-01T11:00:00.000Z');

    const { body } = await ask(show.id).expect(200);
    const nothing = { reserved: 0, sold: 0, refunded: 0, money: 0 };
    expect(body).toEqual({
      ...{ showId: show.id, currency: 'eur', timeZone: 'Pacific/Auckland' },
      kinds: [
        { id: show.kinds[0]?.id, name: 'Standing', made: 4, left: 0, reserved: 1, sold: 3, refunded: 1, money: 5000 },
        { id: show.kinds[1]?.id, name: 'Free', made: 4, left: 4, ...nothing },
      ],
      total: { made: 8, left: 4, reserved: 1, sold: 3, refunded: 1, money: 5000 },
      days: [
        { day: '2099-01-01', sold: 1, refunded: 0, money: 2500 },
        { day: '2099-01-02', sold: 2, refunded: 0, money: 5000 },
        { day: '2099-01-03', sold: 0, refunded: 1, money: -2500 },
      ],
    });
    const byDay = await ask(show.id, 'organiser', 'sales.csv?by=day').expect(200);
    expect(byDay.text.split('\r\n')).toEqual([
      '"day","sold","refunded","money","currency"',
      '"2099-01-01",1,0,25.00,"EUR"',
      '"2099-01-02",2,0,50.00,"EUR"',
      '"2099-01-03",0,1,-25.00,"EUR"',
      '',
    ]);
  });

  it('do not count as made or left what was taken off sale', async () => {
    const show = await openShow();
    const [kind] = show.kinds;
    const fewer = { kinds: [{ id: kind?.id, quantity: 2 }] };
    await request(service.app).put(`/api/shows/${show.id}`).set(as('organiser')).send(fewer).expect(200);
    await announce(parts.bus, OrderCreated, orderOf(show, [1]));
    await eventually(async () => expect(await states(show)).toEqual(['live', 'free', 'removed', 'removed']));
    await eventually(async () => expect((await lookAt(show.id)).kinds).toMatchObject([{ left: 1 }]));
    const { body } = await ask(show.id).expect(200);
    expect(body.kinds).toMatchObject([{ made: 2, left: 1, reserved: 1 }]);
    expect(body.total).toMatchObject({ made: 2, left: 1, reserved: 1 });
  });

  it('come as CSV too, to who asks for it', async () => {
    const { id } = await openShow({ kinds: [{ ...standing, name: '=HYPERLINK("http://evil.example")' }] });
    const lines = [
      '"kind","made","reserved","sold","refunded","money","currency"',
      `"'=HYPERLINK(""http://evil.example"")",4,0,0,0,0.00,"EUR"`,
    ];
    const csv = `${[...lines, '"Total",4,0,0,0,0.00,"EUR"'].join('\r\n')}\r\n`;
    for (const answer of [await ask(id).set('Accept', 'text/csv'), await ask(id, 'organiser', 'sales.csv')]) {
      expect([answer.status, answer.text]).toEqual([200, csv]);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringMatching(/^text\/csv; charset=utf-8/),
        'content-disposition': 'attachment; filename="sales.csv"',
      });
    }
    for (const accept of ['*/*', 'application/json, text/csv;q=0.5']) {
      expect((await ask(id).set('Accept', accept).expect(200)).body).toMatchObject({ showId: id });
    }
  });

  it('are the organiser’s business', async () => {
    const { id } = await openShow();
    for (const path of ['sales', 'sales.csv']) {
      await ask(id, 'somebody', path).expect(403);
      await request(service.app).get(`/api/shows/${id}/${path}`).expect(401);
      await ask('f'.repeat(24), 'organiser', path).expect(404);
    }
    await ask(id, 'organiser', 'sales.csv?by=seat').expect(400);
  });

  it('leave out a ticket that cannot be read, and it is logged', async () => {
    const show = await openShow();
    await announce(parts.bus, OrderCompleted, orderOf(show, [1, 2], { version: 2, status: 'complete' }));
    const kindId = show.kinds[0]?.id ?? '';
    await eventually(async () => expect(await units().countDocuments({ kindId, state: 'sold' })).toBe(2));
    const bad = await units().findOneAndUpdate({ kindId, number: 2 }, { $unset: { 'hold.price': '' } });
    expect((await ask(show.id).expect(200)).body.total).toMatchObject({ sold: 1, money: 2500 });
    const line = parts.logged.map((it) => JSON.parse(it)).find(({ id }) => id === bad?._id);
    expect(line).toMatchObject({ level: 50, collection: 'units' });
  });
});

describe('the money of a sale', () => {
  it('counts refunds ticket by ticket, and amounts that were refunded for none in particular', async () => {
    const show = await openShow({ timeZone: 'UTC' });
    const complete = { version: 2, status: 'complete' } as const;
    const order = orderOf(show, [1, 2, 3], complete);
    await announce(parts.bus, OrderCompleted, order);
    const refundedAt = '2099-01-02T12:00:00.000Z';
    const partlyRefundedAt = '2099-01-03T12:00:00.000Z';
    const [first, ...others] = order.tickets ?? [];
    const tickets = first ? [{ ...first, refundedAt }, ...others] : [];
    const part = { ...order, version: 3, refunded: 2500 + 700, partlyRefundedAt, tickets };
    await announce(parts.bus, OrderPartlyRefunded, part);
    await eventually(async () =>
      expect((await ask(show.id).expect(200)).body.total).toMatchObject({ sold: 3, refunded: 1, money: 5000 - 700 }),
    );
    expect((await ask(show.id).expect(200)).body.days).toContainEqual({
      ...{ day: '2099-01-03', sold: 0, refunded: 0, money: -700 },
    });
    // The bank has taken everything back.
    await announce(parts.bus, OrderPartlyRefunded, { ...order, version: 4 });
    await eventually(async () =>
      expect((await ask(show.id).expect(200)).body.total).toMatchObject({ sold: 3, refunded: 0, money: 7500 }),
    );
  });
});
