import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Authenticator } from '@nats-io/transport-node';

/**
 * NATS's form of an Ed25519 key: base32 of what kind of key it is, the 32 bytes, and a checksum
 * (https://github.com/nats-io/nkeys). Node computes with it; the JavaScript of `@nats-io/nkeys` takes up to a second
 * for each connection where it is not compiled, as in tests.
 */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const kindOfSeed = 18 << 3;
const kindOfUser = 20 << 3;
/** Before the 32 bytes of a private Ed25519 key in PKCS #8, and a public one in SPKI. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new user's secret: `SU` and 56 more letters and digits. */
export function newSeed(): string {
  const raw = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  return encoded([kindOfSeed | (kindOfUser >> 5), (kindOfUser & 31) << 3], raw);
}

/** The public half of a seed, which NATS is told: `U` and 55 more. */
export function publicKeyOf(seed: string): string {
  return encoded([kindOfUser], createPublicKey(keyOf(seed)).export({ type: 'spki', format: 'der' }).subarray(-32));
}

/** Proves to a server that this process has the seed, without sending it. */
export function authenticatorOf(seed: string): Authenticator {
  const [nkey, key] = [publicKeyOf(seed), keyOf(seed)];
  return (nonce = '') => ({ nkey, sig: sign(null, Buffer.from(nonce), key).toString('base64') });
}

/** @throws Error without the seed in it */
function keyOf(seed: string): KeyObject {
  if (!isSeed(seed)) throw new Error('not the seed of a user of NATS');
  const raw = decoded(seed).subarray(2, 34);
  return createPrivateKey({ key: Buffer.concat([pkcs8, raw]), format: 'der', type: 'pkcs8' });
}

/** Whether it is the seed of a user, by its form and its checksum. */
export function isSeed(text: string): boolean {
  if (!/^SU[A-Z2-7]{56}$/.test(text)) return false;
  const bytes = decoded(text);
  return bytes.readUInt16LE(34) === checksum(bytes.subarray(0, 34));
}

function encoded(kind: readonly number[], raw: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.from(kind), raw]);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(checksum(bytes));
  const bits = [...bytes, ...check].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

function decoded(text: string): Buffer {
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** CRC-16/XMODEM. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return sum;
}
