import { jest } from '@jest/globals';
import { create } from './api.ts';

const asked: { key: string | null; body: unknown }[] = [];
const answers: (() => Response)[] = [];
const lost = () => {
  throw new TypeError('Failed to fetch');
};
const made = () => Response.json({ id: 'one' }, { status: 201 });
const refused = (status: number, code: string) => () => Response.json({ title: 'No', status, code }, { status });

beforeEach(() => {
  asked.length = 0;
  answers.length = 0;
  jest.useFakeTimers({ advanceTimers: 100 });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => {
    asked.push({ key: new Headers(init?.headers).get('idempotency-key'), body: JSON.parse(String(init?.body)) });
    return (answers.shift() ?? lost)();
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const keys = () => new Set(asked.map(({ key }) => key));

describe('a request that creates something', () => {
  it.each([
    ['its answer was lost', lost],
    ['the service was away', refused(503, 'unavailable')],
    ['the first request is still in progress', refused(409, 'idempotency-key-in-use')],
  ])('is sent again with the same key when %s', async (_, first) => {
    answers.push(first, first, made);
    expect(await create('/api/orders', { ticketId: 'a' })).toMatchObject({ ok: true, body: { id: 'one' } });
    expect(asked).toHaveLength(3);
    expect(keys().size).toBe(1);
    expect([...keys()][0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is not sent again after a 404: the service has already waited for the ticket', async () => {
    answers.push(refused(404, 'not-found'), made);
    expect(await create('/api/orders', { ticketId: 'd' })).toMatchObject({ ok: false, fault: { status: 404 } });
    expect(asked).toHaveLength(1);
  });

  it('is given up after three seconds, and continues with the same key when the button is pressed again', async () => {
    expect(await create('/api/orders', { ticketId: 'b' })).toMatchObject({ ok: false, fault: { status: 0 } });
    expect(asked).toHaveLength(11);
    answers.push(made);
    expect(await create('/api/orders', { ticketId: 'b' })).toMatchObject({ ok: true });
    expect(keys().size).toBe(1);
  });

  it.each([
    ['made', made],
    ['refused', refused(409, 'ticket-reserved')],
  ])('gets a new key after it was %s', async (_, first) => {
    answers.push(first, made);
    await create('/api/orders', { ticketId: 'c' });
    await create('/api/orders', { ticketId: 'c' });
    expect(asked).toHaveLength(2);
    expect(keys().size).toBe(2);
  });
});
