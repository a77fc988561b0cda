import type { Change } from '@box-office/common/store/change';
import {
  Account,
  again,
  becomePerson,
  expire,
  forget,
  hashOf,
  keyForMs,
  mustBeOfEra,
  newGuest,
  newPerson,
  noPassword,
  prove,
  setPassword,
  snapshot,
  storedPassword,
  swept,
  used,
  viewOf,
} from './account.ts';

const at = new Date('2027-01-01T12:00:00.000Z');
const day = 24 * 3_600_000;
const later = (ms: number) => new Date(at.getTime() + ms);
const id = 'a'.repeat(24);
const from = { id, email: 'gerda@example.com', language: 'de', at } as const;
const person: Account = newPerson({ ...from, password: 'a hash' }).next;
const guest: Account = newGuest({ ...from, name: 'Gerda', key: 'the first key' }).next;

/** What mail is told by a change. */
const toldBy = ({ next, announce }: Change<Account>) =>
  announce.map(({ type, data }) => ({ type, data: data.parse(snapshot(next)) }));
const typesOf = (change: Change<Account>) => change.announce.map(({ type }) => type);

it('an account is read as it was stored, and nothing else is one', () => {
  for (const account of [person, guest, { ...person, verifiedAt: at, forgottenAt: at }])
    expect(Account.parse(account)).toEqual(account);
  for (const broken of [
    { email: 7 },
    { password: null },
    { keys: [{}] },
    { keys: [{ hash: 'x' }] },
    { era: -1 },
    { passkeysSince: -1 },
  ])
    expect(Account.safeParse({ ...guest, ...broken }).success).toBe(false);
  const { era: _, passkeysSince: __, usedAt: ___, forgottenAt: ____, createdAt: _____, ...more } = person;
  const { leftovers: ______, ...early } = more;
  const unnoted = { era: 0, passkeysSince: 0, usedAt: null, forgottenAt: null, leftovers: false };
  expect(Account.parse(early)).toEqual({ ...early, ...unnoted });
});

it('a key is stored as its SHA-256 and valid for half a year', () => {
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(keyForMs).toBe(180 * day);
});

describe('a new account', () => {
  it('of a person has a password and no name, and nobody has proved its address', () => {
    expect(person).toEqual({
      ...{ id, version: 0, era: 0, kind: 'person', email: 'gerda@example.com', name: null, language: 'de' },
      ...{
        password: 'a hash',
        verifiedAt: null,
        keys: [],
        passkeysSince: 0,
        usedAt: null,
        forgottenAt: null,
        createdAt: at,
        leftovers: false,
      },
    });
    expect(newPerson({ ...from, password: 'a hash', name: 'Gerda' }).next.name).toBe('Gerda');
    expect(toldBy(newPerson({ ...from, password: 'a hash' }))).toEqual([
      {
        type: 'person.known',
        data: { id, version: 0, kind: 'person', email: 'gerda@example.com', language: 'de', verified: false },
      },
    ]);
    expect(viewOf(person)).toEqual({ id, email: 'gerda@example.com', kind: 'person', verified: false });
    expect(viewOf({ ...person, verifiedAt: at, name: 'Gerda' })).toMatchObject({ verified: true, name: 'Gerda' });
    expect(snapshot({ ...person, verifiedAt: at })).toMatchObject({ verified: true });
  });

  it('of a guest has a name and no password, and mail gets the key of which the hash is stored', () => {
    expect(guest).toMatchObject({ kind: 'guest', name: 'Gerda', usedAt: at });
    expect(guest.keys).toEqual([{ hash: hashOf('the first key'), expiresAt: later(keyForMs) }]);
    expect(storedPassword(guest)).toBeNull();
    const told = toldBy(newGuest({ ...from, name: 'Gerda', key: 'the first key' }));
    expect(told).toEqual([
      { type: 'person.known', data: expect.objectContaining({ kind: 'guest', name: 'Gerda', key: 'the first key' }) },
    ]);
  });
});

describe('a guest', () => {
  it('who gives another name gets another key, and the last five stay valid', () => {
    let renamed = guest;
    for (let n = 0; n < 6; n++) {
      const change = again(renamed, { name: `Gerda ${n}`, key: `key ${n}`, at: later(n) });
      expect(toldBy(change)).toEqual([
        { type: 'person.known', data: expect.objectContaining({ name: `Gerda ${n}`, key: `key ${n}` }) },
      ]);
      renamed = change.next;
    }
    expect(renamed.keys.map(({ hash }) => hash)).toEqual([5, 4, 3, 2, 1].map((n) => hashOf(`key ${n}`)));
    expect(renamed.usedAt).toEqual(later(5));
  });

  it('who comes again is noted once a day, and nobody is told', () => {
    const same = { name: 'Gerda', key: 'another key' };
    expect(again(guest, { ...same, at: later(day - 1) })).toEqual({ next: guest, announce: [], changed: false });
    for (const change of [again(guest, { ...same, at: later(day) }), used(guest, later(day))])
      expect(change).toEqual({ next: { ...guest, usedAt: later(day) }, announce: [], changed: true });
    expect(used(person, later(day)).changed).toBe(false);
  });

  it('who buys again two months later gets another key, for the mail about that has to open it for long enough', () => {
    const same = { name: 'Gerda', key: 'another key' };
    expect(typesOf(again(guest, { ...same, at: later(60 * day - 1) }))).toEqual([]);
    const change = again(guest, { ...same, at: later(60 * day) });
    expect(toldBy(change)).toEqual([
      { type: 'person.known', data: expect.objectContaining({ name: 'Gerda', key: 'another key' }) },
    ]);
    const [first] = guest.keys;
    expect(change.next.keys).toEqual([{ hash: hashOf('another key'), expiresAt: later(60 * day + keyForMs) }, first]);
    expect(change.next.usedAt).toEqual(later(60 * day));
    // The newest counts, also of one whose keys are all gone.
    expect(typesOf(again(change.next, { ...same, at: later(61 * day) }))).toEqual([]);
    expect(typesOf(again({ ...guest, keys: [] }, { ...same, at: later(1) }))).toEqual(['person.known']);
  });

  it('who has been deleted or has opened an account meanwhile gets no key', () => {
    const forgotten = forget(guest, later(1)).next;
    const from = { name: 'Gerda Maier', key: 'another key', at: later(2) };
    expect(again(forgotten, from)).toEqual({ next: forgotten, announce: [], changed: false });
    expect(() => again(becomePerson(guest, 'a hash').next, from)).toThrow(
      expect.objectContaining({
        code: 'already-signed-in',
        message: 'You are signed in, so you buy with your account.',
      }),
    );
  });

  it('is forgotten if the last visit was too long ago', () => {
    expect(expire(guest, { since: at, at: later(day) }).changed).toBe(false);
    const change = expire(guest, { since: later(1), at: later(day) });
    expect(change.next.forgottenAt).toEqual(later(day));
    expect(expire(person, { since: later(1), at: later(day) }).changed).toBe(false);
    expect(expire(change.next, { since: later(2), at: later(day) }).changed).toBe(false);
  });

  it('opens an account once, which ends the sessions and the keys', () => {
    const change = becomePerson(guest, 'a hash');
    expect(change.next).toEqual({ ...guest, kind: 'person', keys: [], usedAt: null, password: 'a hash', era: 1 });
    expect(typesOf(change)).toEqual(['person.known']);
    expect(() => becomePerson(change.next, 'a hash')).toThrow(
      expect.objectContaining({ code: 'guest-only', message: 'You have an account already.' }),
    );
    expect(() => becomePerson(forget(guest, at).next, 'a hash')).toThrow('Please sign in first.');
  });
});

it('nothing is left of a forgotten account but its id', () => {
  const change = forget({ ...person, name: 'Gerda', verifiedAt: at, era: 3, passkeysSince: 2 }, later(1));
  expect(change.next).toEqual({
    ...{ id, version: 0, era: 4, kind: 'person', email: '', name: null, language: 'de', password: noPassword },
    ...{ verifiedAt: null, keys: [], passkeysSince: 0, usedAt: null, forgottenAt: later(1), createdAt: later(1) },
    leftovers: true,
  });
  expect(swept(change.next)).toEqual({ next: { ...change.next, leftovers: false }, announce: [], changed: true });
  expect(swept(person).changed).toBe(false);
  expect(toldBy(change)).toEqual([{ type: 'person.forgotten', data: { id, version: 0 } }]);
});

it('another password is told to the owner, and ends all sessions', () => {
  const change = setPassword(person, 'another hash', { what: 'password-changed', at, device: 'Firefox on Linux' });
  expect(change.next).toEqual({ ...person, password: 'another hash', era: 1 });
  expect(toldBy(change)).toEqual([
    {
      type: 'security.noticed',
      data: expect.objectContaining({ what: 'password-changed', at: at.toISOString(), device: 'Firefox on Linux' }),
    },
  ]);
});

it('there is no password to compare with where there is no account, or none with a password', () => {
  expect([null, { ...person, password: 'none' }, person].map(storedPassword)).toEqual([null, null, 'a hash']);
});

it('a change that was permitted in an earlier era is not made', () => {
  expect(() => mustBeOfEra(person, person)).not.toThrow();
  for (const now of [
    { ...person, era: 1 },
    { ...person, forgottenAt: at },
  ])
    expect(() => mustBeOfEra(now, person)).toThrow('Please sign in first.');
});

describe('whoever proves an address', () => {
  const told = (change: Change<Account>) => toldBy(change).map(({ type }) => type);
  const proved = { ...person, verifiedAt: at };

  it('while signed in keeps the password, the passkeys and the sessions', () => {
    const change = prove(person, { at, password: null, isOwners: true });
    expect(change.next).toEqual(proved);
    expect(told(change)).toEqual(['person.known']);
  });

  it('from elsewhere takes the account from whoever set its password and added its passkeys', () => {
    const change = prove({ ...person, era: 3 }, { at, password: null, isOwners: false });
    expect(change.next).toEqual({ ...proved, password: noPassword, era: 4, passkeysSince: 4 });
    expect(told(change)).toEqual(['person.known']);
  });

  it('again changes nothing', () => {
    for (const isOwners of [true, false])
      expect(prove(proved, { at: later(1), password: null, isOwners }).changed).toBe(false);
  });

  it.each([true, false])('with a new password ends all sessions and is told of it (signed in: %s)', (isOwners) => {
    const first = prove(person, { at, password: 'another hash', isOwners });
    expect(first.next).toEqual({ ...proved, password: 'another hash', era: 1, passkeysSince: isOwners ? 0 : 1 });
    expect(told(first)).toEqual(['person.known', 'security.noticed']);
    const later = prove(proved, { at, password: 'another hash', isOwners });
    expect(later.next).toEqual({ ...proved, password: 'another hash', era: 1 });
    expect(toldBy(later)).toEqual([
      { type: 'security.noticed', data: expect.objectContaining({ what: 'password-changed', at: at.toISOString() }) },
    ]);
  });
});
