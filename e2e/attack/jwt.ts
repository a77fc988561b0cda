import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Secrets } from '@box-office/local/secrets';

export const encoded = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** The key that auth signs with; nobody else has it. */
export function signingKey({ signingKeys: [jwk] }: Secrets): { readonly key: KeyObject; readonly kid: unknown } {
  if (!jwk) throw new Error('auth has no key to sign with');
  return { key: createPrivateKey({ key: jwk, format: 'jwk' }), kid: jwk.kid };
}

/** Claims as auth writes them. */
export function claimsFor(userId: string): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000);
  return { iss: 'box-office/auth', aud: 'box-office', sub: userId, iat: now, exp: now + 60 };
}

/** A token with this header and these claims, signed with ECDSA over P-256. */
export function signed(header: unknown, claims: unknown, key: KeyObject): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** The identity that auth would sign for a user. */
export function identityOf(secrets: Secrets, userId: string): string {
  const { key, kid } = signingKey(secrets);
  return signed({ alg: 'ES256', typ: 'JWT', kid }, claimsFor(userId), key);
}
