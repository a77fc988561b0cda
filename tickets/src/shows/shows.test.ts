import { ShowChanged, ShowPrepared } from '@box-office/common/contracts/shows';
import { unitId } from '@box-office/common/derived-id';
import { announced } from '@box-office/common/testing/announce';
import { eventually } from '@box-office/common/testing/eventually';
import { newId } from '@box-office/common/testing/parts';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createTickets } from '../service.ts';
import { as, parts, service, useTickets } from '../tickets-under-test.ts';
import { announceShow, lookAt, numbersStored, openShow, plan, post, standing, whenOnSale } from './shows-under-test.ts';

useTickets();

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('announcing a show', () => {
  it('prepares it, makes its tickets, and puts it on sale', async () => {
    const seats = { name: 'Balcony', price: 0, quantity: 2, seats: ['B1', 'B2'], maxPerOrder: 2 };
    const details = { description: 'Bizet.\nIn French.', image: 'https://pictures.example/carmen.jpg', perPerson: 6 };
    const answer = await post(plan({ ...details, kinds: [standing, seats] })).expect(201);
    const show = answer.body;
    expect(show).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      ...{ version: 0, userId: 'organiser', state: 'preparing', title: 'Carmen', currency: 'eur', ...details },
      venue: { name: 'Arena' },
      timeZone: 'Europe/Rome',
      startsAt: '2099-06-01T19:00:00.000Z',
      kinds: [
        { id: expect.stringMatching(/^[0-9a-f]{24}$/), made: 0, ...standing },
        { id: expect.stringMatching(/^[0-9a-f]{24}$/), made: 0, ...seats },
      ],
    });
    expect(answer.headers).toMatchObject({ location: `/api/shows/${show.id}`, etag: '"0"' });

    const onSale = await whenOnSale(show.id);
    const { seats: _, ...balcony } = seats;
    const kinds = [
      { id: show.kinds[0].id, made: 4, left: 4, ...standing },
      { id: show.kinds[1].id, made: 2, left: 2, seated: true, ...balcony },
    ];
    await eventually(async () => expect((await lookAt(show.id)).kinds).toEqual(kinds));
    await eventually(async () => {
      expect(await announced(parts.bus, ShowPrepared)).toContainEqual(show);
      const changes = (await announced(parts.bus, ShowChanged)).filter(({ id }) => id === show.id);
      expect(changes).toMatchObject([{ version: onSale.version, state: 'on-sale', kinds: [{ made: 4 }, { made: 2 }] }]);
      expect(changes[0]?.kinds[1]?.seats).toEqual(['B1', 'B2']);
    });
  });

  it('is for those who are signed in; everybody may look at it', async () => {
    await request(service.app).post('/api/shows').send(plan()).expect(401);
    const { id } = await announceShow();
    const answer = await request(service.app).get(`/api/shows/${id}`).expect(200);
    expect(answer.headers.etag).toBe(`"${answer.body.version}"`);
    for (const other of ['1', 'nonsense', newId()]) await request(service.app).get(`/api/shows/${other}`).expect(404);
  });

  it('happens once, however often it is sent with the same key', async () => {
    const send = () => post(plan()).set('Idempotency-Key', 'carmen-1');
    const first = await send().expect(201);
    const second = await send().expect(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
  });

  const kind = (more: object) => ({ kinds: [standing, { ...standing, ...more }] });
  it.each([
    ['no kinds', { kinds: [] }, 'kinds'],
    ['too many kinds', { kinds: Array(21).fill(standing) }, 'kinds'],
    ['too many tickets altogether', { kinds: [{ ...standing, quantity: 50_000 }, standing] }, 'kinds'],
    ['a time zone that is none', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['no time zone', { timeZone: undefined }, 'timeZone'],
    ['a start that is none', { startsAt: 'soon' }, 'startsAt'],
    ['a start in the past', { startsAt: '2026-01-01T20:00:00Z' }, 'startsAt'],
    ['an end before the start', { endsAt: '2099-06-01T19:00:00Z' }, 'endsAt'],
    ['an image that is not loaded over https', { image: 'http://pictures.example/carmen.jpg' }, 'image'],
    ['an image that is a script', { image: 'javascript:alert(1)' }, 'image'],
    ['no venue', { venue: { name: ' ' } }, 'venue.name'],
    ['an unknown currency', { currency: 'xyz' }, 'currency'],
    ['an unknown field', { state: 'on-sale' }, 'state'],
    ['nobody', { perPerson: 0 }, 'perPerson'],
    ['an end of sale after the start', kind({ salesUntil: '2099-06-02T00:00:00Z' }), 'kinds.1.salesUntil'],
    [
      'an end of sale before its beginning',
      kind({ salesFrom: '2099-01-02T00:00:00Z', salesUntil: '2099-01-01T00:00:00Z' }),
      'kinds.1.salesUntil',
    ],
    ['a beginning of sale after the start', kind({ salesFrom: '2099-06-02T00:00:00Z' }), 'kinds.1.salesFrom'],
    ['a price that Stripe would not take', kind({ price: 49 }), 'kinds.1.price'],
    ['a price with a fraction', kind({ price: 19.99 }), 'kinds.1.price'],
    ['no tickets', kind({ quantity: 0 }), 'kinds.1.quantity'],
    ['seats that are not as many as the tickets', kind({ seats: ['A1', 'A2', 'A3'] }), 'kinds.1.seats'],
    ['a seat that is there twice', kind({ seats: ['A1', 'A2', 'A3', ' A1'] }), 'kinds.1.seats'],
    ['a name that looks empty', kind({ name: '\u200b' }), 'kinds.1.name'],
  ])('is refused with %s, and the field is named', async (_, more, field) => {
    const { body } = await post(plan(more)).expect(400);
    expect(body).toMatchObject({ code: 'invalid-request', errors: [{ field, message: expect.any(String) }] });
  });

  it('takes nulls for what it leaves out', async () => {
    const nothing = { description: null, endsAt: null, image: null, perPerson: null };
    expect(await announceShow(nothing)).not.toHaveProperty('endsAt');
  });
});

describe('an organiser', () => {
  it('has to wait for the tickets of many large shows before announcing another', async () => {
    const shows = parts.connection.collection<{ _id: string; kinds: object[] }>('shows');
    const { id, kinds: [{ id: openKind = '' } = {}] = [] } = await openShow({}, 'tycoon');
    const { kinds, ...fields } = (await shows.findOne({ _id: id })) ?? { kinds: [] };
    // Cancelled, so that they are not made indeed.
    const unmade = {
      ...fields,
      state: 'cancelled',
      unfinished: true,
      kinds: [{ ...kinds[0], quantity: 50_000, made: 0 }],
    };
    const copies = [newId(), newId()].map((_id) => ({ ...unmade, _id }));
    await shows.insertMany(copies);
    const { body, headers } = await post(plan(), 'tycoon').expect(429);
    expect(body.code).toBe('too-many-requests');
    expect(Number(headers['retry-after'])).toBe(60);
    await post(plan(), 'newcomer').expect(201);
    const put = (quantity: number) =>
      request(service.app)
        .put(`/api/shows/${id}`)
        .set(as('tycoon'))
        .send({ kinds: [{ id: openKind, quantity }] });
    const { body: refused } = await put(10_000).expect(429);
    expect(refused.code).toBe('too-many-requests');
    await put(1).expect(200);
    await shows.deleteMany({ _id: { $in: copies.map(({ _id }) => _id) } });
    await post(plan(), 'tycoon').expect(201);
  });
});

describe('making the tickets of a show', () => {
  it('goes on where a process that was killed has stopped', async () => {
    const { id, kinds } = await openShow({ kinds: [{ ...standing, quantity: 8 }] });
    const kindId = kinds[0]?.id ?? '';
    const [shows, units] = [parts.connection.collection('shows'), parts.connection.collection('units')];
    // As if it had been killed after it made some tickets and before it stored that.
    await units.deleteMany({ kindId, number: { $gt: 6 } });
    await shows.updateOne({ _id: id } as object, {
      $set: { state: 'preparing', unfinished: true, 'kinds.0.made': 5 },
    });
    // Wakes the job, which would find it later anyway.
    await announceShow();
    await whenOnSale(id);
    expect(await numbersStored(kindId)).toEqual(upTo(8));
  });

  it('makes each ticket once when several processes do it', async () => {
    const other = createTickets({ ...parts, metrics: new Registry() });
    await other.start();
    try {
      const made = await Promise.all(
        upTo(4).map(() => announceShow({ kinds: [{ ...standing, quantity: 12 }, standing] })),
      );
      for (const { id, kinds } of made) {
        await whenOnSale(id);
        expect(await numbersStored(kinds[0]?.id ?? '')).toEqual(upTo(12));
        expect(await numbersStored(kinds[1]?.id ?? '')).toEqual(upTo(4));
      }
    } finally {
      await other.stop();
    }
  });

  it('goes on with other shows when it fails for one', async () => {
    const { id } = await openShow();
    const shows = parts.connection.collection<{ _id: string }>('shows');
    // No event may carry that price, so the change that finishes the show fails.
    const broken = { unfinished: true, 'kinds.0.quantity': 5, 'kinds.0.price': 5_000_000_000 };
    await shows.updateOne({ _id: id }, { $set: broken });
    await openShow();
    await eventually(() => {
      const line = parts.logged.map((it) => JSON.parse(it)).find((it) => it.id === id && it.level === 40);
      expect(line).toMatchObject({ msg: expect.stringContaining('could not make the tickets') });
    });
    await shows.deleteOne({ _id: id });
  });

  it('gives each an id that follows from show, kind and number', async () => {
    const { id, kinds } = await openShow();
    const kindId = kinds[0]?.id ?? '';
    const unit = await parts.connection.collection('units').findOne({ kindId, number: 3 });
    expect(unit).toMatchObject({ _id: unitId(id, kindId, 3), showId: id });
  });
});

describe('what is announced again', () => {
  it('is every show as it is', async () => {
    const show = await openShow({}, 'repeater');
    await request(service.app).get(`/api/shows/${show.id}`).set(as('repeater')).expect(200);
    await service.republish();
    const again = (await announced(parts.bus, ShowChanged)).filter(({ id }) => id === show.id);
    expect(again.map(({ version }) => version)).toEqual([show.version, show.version]);
  });
});
