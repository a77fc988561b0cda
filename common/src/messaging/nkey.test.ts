import { nkeys } from '@nats-io/transport-node';
import { authenticatorOf, isSeed, newSeed, publicKeyOf } from './nkey.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it('makes and reads seeds as NATS’s own library does, and signs with them', () => {
  const seed = newSeed();
  const pair = nkeys.fromSeed(bytes(seed));
  expect(publicKeyOf(seed)).toBe(pair.getPublicKey());
  const { nkey, sig = '' } = { sig: undefined, nkey: '', ...authenticatorOf(seed)('a nonce') };
  expect(nkey).toBe(pair.getPublicKey());
  expect(pair.verify(bytes('a nonce'), nkeys.decode(sig))).toBe(true);
});

it('tells a seed from what only looks like one', () => {
  const seed = newSeed();
  expect(isSeed(seed)).toBe(true);
  const typo = `${seed.slice(0, -8)}${seed.at(-8) === 'A' ? 'B' : 'A'}${seed.slice(-7)}`;
  for (const wrong of [typo, seed.slice(0, -1), publicKeyOf(seed), seed.toLowerCase(), `SU${'A'.repeat(56)}`, ''])
    expect([wrong, isSeed(wrong)]).toEqual([wrong, false]);
  expect(() => publicKeyOf(typo)).toThrow('not the seed of a user');
});
