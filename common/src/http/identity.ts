import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { z } from 'zod';
import { notSignedIn, problem } from '../problem.ts';
import type { SignedInUser } from '../signed-in-user.ts';

export interface Identity {
  /**
   * Verifies the caller's identity in an `Authorization` header.
   *
   * @throws Problem 401 `not-signed-in`; Problem 503 `identity-unavailable` while the public keys cannot be fetched
   */
  verify(authorization: string | undefined): Promise<SignedInUser>;
}

export interface JwksIdentityOptions {
  /** Where auth publishes its public keys. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly now: () => Date;
  /** How long to wait before an unknown `kid` may cause another fetch, in ms. Default 2 s. */
  readonly refetchAfterMs?: number;
  /** How long a key that auth has withdrawn may still be accepted while auth is reachable, in ms. Default 60 s. */
  readonly maxAgeMs?: number;
}

const Jwks = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('EC'), crv: z.literal('P-256') })),
});

/** Auth signs an identity for one request. It never signs a longer life, so such a token is refused. */
const longestLifeS = 60;
/** How far auth's clock may be ahead of this service's. */
const clockSkewS = 5;

/** Exactly what auth writes. Fields such as `crit` would require processing that is not implemented here. */
const Header = z.strictObject({ alg: z.literal('ES256'), typ: z.literal('JWT'), kid: z.string().min(1) });

/** The most guests that an identity names. */
export const mostGuests = 50;

const Claims = z
  .object({
    ...{ sub: z.string().min(1), aud: z.string(), iat: z.int(), exp: z.int() },
    also: z.array(z.string().min(1)).max(mostGuests).optional(),
    limit: z.string().min(1).optional(),
    sid: z.string().min(1).optional(),
  })
  .refine(({ iat, exp }) => exp > iat && exp - iat <= longestLifeS);

/**
 * Accepts only identities signed by auth: ES256 whatever the token proposes, the expected header, issuer and audience,
 * and a life of at most 60 s.
 *
 * Public keys are cached. They are fetched again when a token names an unknown one, so keys rotate without a restart,
 * and when they are old, so that a withdrawn key is dropped. While auth is unavailable the cached keys remain valid.
 */
export function jwksIdentity(options: JwksIdentityOptions): Identity {
  const { jwksUrl, issuer, audience, now, refetchAfterMs = 2_000, maxAgeMs = 60_000 } = options;
  let keys = new Map<string, KeyObject>();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    triedAt = now().getTime();
    try {
      // Another server must not be able to say which keys are auth's.
      const answer = await fetch(jwksUrl, { signal: AbortSignal.timeout(2_000), redirect: 'error' });
      if (!answer.ok) throw new Error(`${jwksUrl} answered ${answer.status}`);
      const jwks = Jwks.parse(await answer.json());
      keys = new Map(jwks.keys.map((key) => [key.kid, createPublicKey({ key: key as JsonWebKey, format: 'jwk' })]));
      fetchedAt = now().getTime();
    } catch (cause) {
      throw problem('identity-unavailable', 'Who you are cannot be checked at the moment.', {
        retryAfterSeconds: 1,
        cause,
      });
    }
  }

  /** Concurrent calls share one request. */
  function refetch(): Promise<void> {
    fetching ??= fetchKeys().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  async function keyFor(kid: string): Promise<KeyObject> {
    const at = now().getTime();
    if (!keys.has(kid)) {
      if (at - fetchedAt >= refetchAfterMs) await refetch();
    } else if (at - fetchedAt >= maxAgeMs && at - triedAt >= refetchAfterMs) {
      // In the background: the cached key is still good, so a failure does not matter.
      refetch().catch(() => undefined);
    }
    const key = keys.get(kid);
    if (!key) throw notSignedIn();
    return key;
  }

  return tokenIdentity({ keyFor, issuer, audience, now });
}

export interface TokenIdentityOptions extends Pick<JwksIdentityOptions, 'issuer' | 'audience' | 'now'> {
  /** @throws Problem 401 `not-signed-in` if there is no such key */
  readonly keyFor: (kid: string) => KeyObject | Promise<KeyObject>;
}

/** As `jwksIdentity`, with keys from elsewhere: auth has its own. */
export function tokenIdentity({ keyFor, issuer, audience, now }: TokenIdentityOptions): Identity {
  return {
    async verify(authorization) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1];
      if (!token) throw notSignedIn();
      const kid = kidOf(token);
      if (!kid) throw notSignedIn();
      const key = await keyFor(kid);
      try {
        const at = now();
        const { payload } = await jwtVerify(token, key, { algorithms: ['ES256'], issuer, audience, currentDate: at });
        const { sub, iat, also, limit, sid } = Claims.parse(payload);
        if (iat > at.getTime() / 1000 + clockSkewS) throw notSignedIn();
        return { id: sub, ...(also && { also }), ...(limit && { limit }), ...(sid && { session: sid }) };
      } catch {
        throw notSignedIn();
      }
    },
  };
}

/** The id of the key that the token claims to be signed with. Not trusted: the signature is checked afterwards. */
function kidOf(token: string): string | undefined {
  try {
    return Header.safeParse(decodeProtectedHeader(token)).data?.kid;
  } catch {
    // Its header is not JSON.
    return undefined;
  }
}
