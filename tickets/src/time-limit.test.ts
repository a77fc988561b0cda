import type { AnnouncingService } from '@box-office/common/announcing-service';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { Registry } from 'prom-client';
import request from 'supertest';
import { createTickets } from './service.ts';
import { openShow, standing } from './shows/shows-under-test.ts';
import { as, parts, useTickets } from './tickets-under-test.ts';

useTickets();

describe('a list', () => {
  /** Another replica, without jobs: its connection sends only what somebody has asked it for. */
  let replica: AnnouncingService;
  let connection: Connection;
  let reads: mongo.Document[] = [];

  beforeAll(async () => {
    const { host, port, name } = parts.connection;
    connection = mongoose.createConnection(`mongodb://${host}:${port}/${name}`, { monitorCommands: true });
    await connection.asPromise();
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'find' || commandName === 'aggregate') reads.push(command);
    });
    replica = createTickets({ ...parts, connection, metrics: new Registry() });
  });
  afterAll(() => connection.close());

  async function readsFor(path: string): Promise<mongo.Document[]> {
    reads = [];
    await request(replica.app).get(path).set(as('seller')).expect(200);
    // One document by its id takes no time.
    return reads.filter(({ filter }) => typeof filter?._id !== 'string');
  }

  const limited = expect.objectContaining({ maxTimeMS: 5_000 });

  it.each([
    '/api/tickets',
    '/api/tickets?q=opera',
    '/api/tickets/mine',
    '/api/shows',
    '/api/shows?q=opera',
    '/api/shows/mine',
  ])('is read from the database for 5 s at most: %s', async (path) => {
    expect(await readsFor(path)).toEqual([limited]);
  });

  it('is read from the database for 5 s at most: whether its shows are sold out, without counting', async () => {
    const { id, kinds } = await openShow({}, 'seller');
    // Equalities and one range, in the order of an index.
    const filter = { showId: id, kindId: kinds[0]?.id, state: 'free', number: { $gt: 0, $lte: 4 } };
    const oneTicket = expect.objectContaining({ find: 'units', filter, limit: 1, maxTimeMS: 5_000 });
    expect(await readsFor('/api/shows/mine')).toEqual([limited, oneTicket]);
  });

  it('is read from the database for 5 s at most: the seats of a show', async () => {
    const { id, kinds } = await openShow({ kinds: [{ ...standing, quantity: 2, seats: ['A1', 'A2'] }] });
    expect(await readsFor(`/api/shows/${id}/seats?kindId=${kinds[0]?.id}`)).toEqual([limited]);
  });
});
