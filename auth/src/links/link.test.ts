import { newGuest, newPerson } from '../people/account.ts';
import type { Tally } from '../tallies.ts';
import { ask, Link, linkForMs, mayBeMailed, mustBeValid, snapshot, use } from './link.ts';

const at = new Date('2027-01-01T12:00:00.000Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const [id, personId] = ['a'.repeat(24), 'b'.repeat(24)];
const wish = { id, purpose: 'reset', email: 'gerda@example.com', token: 'the token', at } as const;
const from = { id: personId, email: wish.email, language: 'de', at } as const;
const person = newPerson({ ...from, password: 'a hash' }).next;
const guest = newGuest({ ...from, name: 'Gerda', key: 'a key' }).next;
const link: Link = ask(wish, person).next;

it('a link can be used for ten minutes', () => {
  expect(linkForMs).toBe(600_000);
  expect(link).toMatchObject({ purpose: 'reset', expiresAt: later(600_000), usedAt: null });
});

it('a link is mailed with the token of which only the hash is stored', () => {
  const { next, announce } = ask(wish, person);
  expect(JSON.stringify(next)).not.toContain('the token');
  const [told, ...others] = announce.map(({ type, data }) => ({ type, data: data.parse(snapshot(next)) }));
  expect(others).toEqual([]);
  expect(told).toEqual({
    type: 'link.requested',
    data: {
      ...{ id, version: 0, personId, email: 'gerda@example.com', language: 'de', purpose: 'reset' },
      ...{ token: 'the token', expiresAt: later(600_000).toISOString() },
    },
  });
});

it('a link is read as it was stored, and nothing else is one', () => {
  for (const stored of [link, { ...link, personId: null, usedAt: at }]) expect(Link.parse(stored)).toEqual(stored);
  expect(Link.safeParse({ ...link, expiresAt: 'never' }).success).toBe(false);
});

it('a link for a guest names no person, and one for nobody is stored and not mailed', () => {
  const forGuest = ask(wish, guest);
  expect(forGuest.next).toEqual({ ...link, personId: null });
  expect(snapshot(forGuest.next)).not.toHaveProperty('personId');
  expect(forGuest.announce).toHaveLength(1);
  expect(ask(wish, null)).toEqual({ next: { ...link, personId: null }, announce: [], changed: true });
});

it('a link is used once and in time', () => {
  const used = use(link, later(linkForMs - 1));
  expect(used).toEqual({ next: { ...link, usedAt: later(linkForMs - 1) }, announce: [], changed: true });
  const refusal = expect.objectContaining({
    code: 'link-not-valid',
    message: 'This link was used before, or is too old, or is not complete. Ask for a new one.',
  });
  expect(() => use(used.next, later(linkForMs - 1))).toThrow(refusal);
  expect(() => use(link, later(linkForMs))).toThrow(refusal);
  expect(() => mustBeValid(null, at)).toThrow(refusal);
});

describe('of the links that somebody asks for', () => {
  const start = at.getTime();
  const none = (): Tally => ({ wrong: 0, trying: 0, firstAt: 0, lastAt: 0 });

  it('so many are mailed, and then one when the last can be used no longer', () => {
    const tally = none();
    const mailed = (ms: number) => mayBeMailed(tally, { at: start + ms, perAccount: 2 });
    expect([mailed(0), mailed(1_000), mailed(2_000)]).toEqual([true, true, false]);
    expect([mailed(1_000 + linkForMs - 1), mailed(1_000 + linkForMs), mailed(1_001 + linkForMs)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(tally).toEqual({ wrong: 3, trying: 0, firstAt: start, lastAt: start + 1_000 + linkForMs });
  });
});
