import { createHash } from 'node:crypto';
import { UnreadableDocument } from '../store/unreadable.ts';
import { type TestDatabase, testDatabase } from '../testing/engines.ts';
import { newId } from '../testing/parts.ts';
import type { Answer } from './exchange.ts';
import { type IdempotencyKeys, idempotencyKeys } from './idempotency.ts';

let database: TestDatabase;
let keys: IdempotencyKeys;
let replays: number;

beforeEach(async () => {
  database = await testDatabase();
  keys = idempotencyKeys({ connection: database.connection, now: () => new Date(), newId });
  replays = 0;
});
afterEach(() => database.drop());

/** Makes something with a new id, and resolves with that id; a repeat resolves with the same one. */
async function make(body: unknown, key = 'one'): Promise<string> {
  const request = { userId: 'anna', route: 'POST /things', key, body, onReplay: () => void replays++ };
  const work = async ({ id }: { id: string }): Promise<Answer> => ({ status: 201, body: id });
  return JSON.parse((await keys.once(request, work)).json ?? '');
}

const change = (fields: Record<string, unknown>) =>
  database.connection.collection('idempotency-keys').updateOne({}, { $set: fields });

describe('the body of a request with a key', () => {
  const body = { title: 'A seat', more: [{ row: 1, seat: 2 }, { rank: { a: null, b: [] } }] };

  it('is the same with the members of its objects in another order, at any depth', async () => {
    const made = await make(body);
    expect(await make({ more: [{ seat: 2, row: 1 }, { rank: { b: [], a: null } }], title: 'A seat' })).toBe(made);
    expect(replays).toBe(1);
  });

  it('is another one with its list in another order', async () => {
    await make(body);
    const another = make({ ...body, more: body.more.toReversed() });
    await expect(another).rejects.toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('is recognized by the digest of its members in the order sent, as earlier releases stored it', async () => {
    const made = await make(body);
    await change({ body: createHash('sha256').update(JSON.stringify(body)).digest('base64url') });
    expect(await make(body)).toBe(made);
  });
});

describe('a stored key', () => {
  it.each([
    ['a body that is a number', { body: 5 }],
    ['a body that is no digest', { body: 'x' }],
    ['no id for what is made', { newId: null }],
    ['a start that is no date', { startedAt: 'x' }],
    ['a lease that is no date', { leasedUntil: 'x' }],
    ['an answer that is a text', { answer: 'x' }],
    ['an empty answer', { answer: {} }],
    ['an answer that is not JSON', { 'answer.json': '{bad' }],
    ['an answer without JSON', { 'answer.json': 5 }],
    ['an answer with a status that is none', { 'answer.status': 'x' }],
    ['an answer with headers that are none', { 'answer.headers': { Location: 5 } }],
    ['a refusal with an unknown code', { answer: { code: 'nonsense', detail: null } }],
  ])('with %s cannot be read, whatever is sent with it, and does not affect other keys', async (_, broken) => {
    await make({ title: 'A seat' });
    await change(broken);
    const other = await make({ title: 'A seat' }, 'two');
    for (const title of ['A seat', 'Another seat']) {
      await expect(make({ title })).rejects.toThrow(UnreadableDocument);
    }
    expect(replays).toBe(0);
    expect(await make({ title: 'A seat' }, 'two')).toBe(other);
  });
});
