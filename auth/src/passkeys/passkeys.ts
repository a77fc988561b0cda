import type { PasskeyAnswer, PasskeyProof } from '@box-office/common/contracts/passkeys';
import { problem } from '@box-office/common/problem';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Account } from '../people/account.ts';
import type { Challenges } from './challenges.ts';
import { opens, type PasskeyStore, type StoredPasskey } from './store.ts';

export interface PasskeysParts {
  readonly store: PasskeyStore;
  readonly challenges: Challenges;
  readonly publicOrigin: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** WebAuthn for the shop at `publicOrigin`: passkeys are bound to its host. */
export interface Passkeys {
  /** What a browser needs to make one for this account. */
  creation(account: Account): Promise<Awaited<ReturnType<typeof generateRegistrationOptions>>>;
  /** @throws Problem 401 `invalid-credentials` if the answer is not to our challenge, or not from our page */
  made(account: Account, answer: PasskeyAnswer, device: string): Promise<StoredPasskey>;
  /** What a browser needs to sign in; it offers those that it has for the shop. */
  request(): Promise<Awaited<ReturnType<typeof generateAuthenticationOptions>>>;
  /**
   * Whose passkey has signed, as `ownerOf` finds them before the proof is checked: passkeys that are removed meanwhile
   * belong to an earlier era of the account.
   *
   * @throws Problem 401 `invalid-credentials`
   */
  signedBy(proof: PasskeyProof, ownerOf: (userId: string) => Promise<Account>): Promise<Account>;
}

export function createPasskeys({ store, challenges, publicOrigin, now, newId }: PasskeysParts): Passkeys {
  const rpID = new URL(publicOrigin).hostname;
  const ours = { expectedOrigin: publicOrigin, expectedRPID: rpID };

  return {
    async creation(account) {
      const known = await store.of(account);
      return generateRegistrationOptions({
        rpName: 'Box Office',
        rpID,
        userID: new TextEncoder().encode(account.id),
        userName: account.email,
        userDisplayName: account.name ?? account.email,
        challenge: Buffer.from(await challenges.make(account), 'base64url'),
        excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      });
    },

    async made(account, response, device) {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        ...ours,
        response,
        expectedChallenge: (challenge) => challenges.take(challenge, account),
        requireUserVerification: false,
      }).catch(refuse);
      if (!verified) throw refused();
      const { id, publicKey, counter } = registrationInfo.credential;
      const at = now();
      return {
        _id: newId(),
        userId: account.id,
        era: account.era,
        credentialId: id,
        publicKey: Buffer.from(publicKey).toString('base64url'),
        counter,
        transports: [...(response.response.transports ?? [])],
        name: device,
        createdAt: at,
        usedAt: at,
      };
    },

    request: async () =>
      generateAuthenticationOptions({
        rpID,
        challenge: Buffer.from(await challenges.make(null), 'base64url'),
        userVerification: 'preferred',
      }),

    async signedBy(response, ownerOf) {
      const passkey = await store.find(response.id);
      if (!passkey) throw refused();
      const owner = await ownerOf(passkey.userId);
      if (!opens(passkey, owner)) throw refused();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        ...ours,
        response,
        expectedChallenge: (challenge) => challenges.take(challenge, null),
        credential: {
          id: passkey.credentialId,
          publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
          counter: passkey.counter,
        },
        requireUserVerification: false,
      }).catch(refuse);
      if (!verified) throw refused();
      const isThere = await store.used(passkey._id, { counter: authenticationInfo.newCounter, usedAt: now() });
      if (!isThere) throw refused();
      return owner;
    },
  };
}

export const refused = (cause?: unknown) =>
  problem('invalid-credentials', 'This passkey was not accepted. Try again, or sign in another way.', { cause });

/** The library throws whatever it finds wrong with an answer. */
function refuse(cause: unknown): never {
  throw refused(cause);
}
