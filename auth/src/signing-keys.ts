import { createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto';
import { type Identity, tokenIdentity } from '@box-office/common/http/identity';
import { isKnownSecret } from '@box-office/common/known-secrets';
import { notSignedIn } from '@box-office/common/problem';
import type { SignedInUser } from '@box-office/common/signed-in-user';
import { SignJWT } from 'jose';
import { z } from 'zod';

/** The setting: private P-256 keys as JWKs with a `kid`, as JSON. The first signs; all are published. */
export const SigningKeys = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .array(
        z
          .looseObject({
            kid: z.string().min(1),
            kty: z.literal('EC'),
            crv: z.literal('P-256'),
            x: z.string(),
            y: z.string(),
            d: z.string(),
          })
          .refine(isPair, 'has a private key that does not match its public key')
          .refine(({ d }) => !isKnownSecret(d), 'has a private key that has been published'),
      )
      .min(1, 'must contain a key')
      .refine(
        (keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length,
        'must give every key a different kid',
      ),
  );
export type SigningKeys = z.infer<typeof SigningKeys>;

/** Keys that do not match would sign identities that every service refuses. */
function isPair(jwk: JsonWebKey): boolean {
  try {
    const key = { key: { ...jwk }, format: 'jwk' } as const;
    const message = Buffer.from('a message');
    return verify('sha256', message, createPublicKey(key), sign('sha256', message, createPrivateKey(key)));
  } catch {
    return false;
  }
}

export interface Signer {
  /** A signed identity: ES256, 60 s. Services accept exactly this form (`jwksIdentity`). */
  sign(identity: SignedInUser): Promise<string>;
  /** Verifies what it has signed, for auth's own routes. */
  readonly identity: Identity;
  /** The public halves, for `/.well-known/jwks.json`. */
  readonly jwks: { keys: JsonWebKey[] };
}

export interface SignerOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly now: () => Date;
}

/**
 * Signs identities. To rotate without downtime: add the new key second, wait until services have fetched it, move it to
 * first place, and remove the old one 60 s later, when the last identity signed with it has expired.
 */
export function createSigner({ keys, issuer, audience, now }: SignerOptions): Signer {
  const privateKeys = keys.map((key) => ({ kid: key.kid, key: createPrivateKey({ key: { ...key }, format: 'jwk' }) }));
  const [current] = privateKeys;
  if (!current) throw new Error('there is no key to sign with');
  return {
    async sign({ id, also = [], limit, session }) {
      const issuedAt = Math.floor(now().getTime() / 1000);
      return new SignJWT({
        ...(also.length > 0 && { also }),
        ...(limit && { limit }),
        ...(session && { sid: session }),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: current.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(id)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + 60)
        .sign(current.key);
    },
    identity: tokenIdentity({
      ...{ issuer, audience, now },
      keyFor(kid) {
        const known = privateKeys.find((it) => it.kid === kid);
        if (!known) throw notSignedIn();
        return createPublicKey(known.key);
      },
    }),
    jwks: {
      keys: privateKeys.map(({ kid, key }) => ({
        ...createPublicKey(key).export({ format: 'jwk' }),
        kid,
        alg: 'ES256',
        use: 'sig',
      })),
    },
  };
}
