import type { AnnouncingService } from '@box-office/common/announcing-service';
import { newId, type TestParts, testParts } from '@box-office/common/testing/parts';
import mongoose, { type Connection, type mongo } from 'mongoose';
import request from 'supertest';
import { as, waitingWindowMs, windowMs } from './orders-under-test.ts';
import { createOrders } from './service.ts';

describe('a list', () => {
  let parts: TestParts;
  /** It is not started, so its connection sends only what somebody has asked for. */
  let service: AnnouncingService;
  let connection: Connection;
  let reads: mongo.Document[] = [];

  beforeAll(async () => {
    parts = await testParts();
    const { host, port, name } = parts.connection;
    connection = mongoose.createConnection(`mongodb://${host}:${port}/${name}`, { monitorCommands: true });
    await connection.asPromise();
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'find' || commandName === 'aggregate') reads.push(command);
    });
    const waiting = { windowMs: waitingWindowMs, everyMs: 100, mostLines: 0 };
    const limits = { liveOrders: 0, unpaidPerDay: 0 };
    service = createOrders({ ...parts, connection, windowMs, sweepEveryMs: 100, limits, waiting });
  });
  afterAll(async () => {
    await connection.close();
    await parts.end();
  });

  it.each([
    '/api/orders',
    `/api/orders?ticketId=${newId()}`,
    `/api/orders?showId=${newId()}`,
    `/api/orders/sold?showId=${newId()}`,
    '/api/waiting-list',
  ])('is read from the database for 5 s at most: %s', async (path) => {
    reads = [];
    await request(service.app).get(path).set(as('anna')).expect(200);
    expect(reads).toEqual([expect.objectContaining({ maxTimeMS: 5_000 })]);
  });
});
