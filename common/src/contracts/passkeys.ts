import { z } from 'zod';
import { Passkey, User } from './auth.ts';

const bytes = z.base64url().max(20_000);

/** What every answer of an authenticator has, as `@simplewebauthn/browser` returns it (WebAuthn Level 3, JSON form). */
const credential = {
  id: bytes,
  rawId: bytes,
  type: z.literal('public-key'),
  clientExtensionResults: z.looseObject({}),
};

export const PasskeyAnswer = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(z.string()).max(10).exactOptional(),
  }),
});
export type PasskeyAnswer = z.infer<typeof PasskeyAnswer>;

export const PasskeyProof = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: bytes.exactOptional(),
  }),
});
export type PasskeyProof = z.infer<typeof PasskeyProof>;

/** The body of POST /api/auth/passkeys/options, and of DELETE /api/auth/passkeys/:id. */
export const PasskeyWish = z.strictObject({
  password: z.string().max(4_096).exactOptional().describe('Needed if the account has one; else a recent sign-in'),
});
/** The body of POST /api/auth/passkeys. */
export const NewPasskey = z.strictObject({ response: PasskeyAnswer });
/** The body of POST /api/auth/passkeys/sign-in. */
export const PasskeySignIn = z.strictObject({ response: PasskeyProof });

/** What `@simplewebauthn/browser` takes; the shop passes it on as it is. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() });

/** The answer of POST /api/auth/passkeys: a guest has become a person. */
export const AddedPasskey = z.object({ passkey: Passkey, user: User });
