import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { passkeyRefusal, whyNoPasskeys } from '../lib/passkey-words.ts';
import { call, type Outcome } from './api.ts';

export const whyNoPasskeysHere = (): string | null =>
  whyNoPasskeys({
    url: window.location.href,
    isSecure: window.isSecureContext,
    hasWebAuthn: browserSupportsWebAuthn(),
  });

/** Has the device make a passkey for who is signed in. A guest becomes a person by it. Never throws. */
export async function makePasskey(password?: string): Promise<Outcome> {
  const options = await call('POST', '/api/auth/passkeys/options', password === undefined ? {} : { password });
  if (!options.ok) return options;
  // The platform's answer is meant for the browser as it is.
  const optionsJSON = options.body as PublicKeyCredentialCreationOptionsJSON;
  const made = await byDevice('make', () => startRegistration({ optionsJSON }));
  return made.ok ? call('POST', '/api/auth/passkeys', { response: made.body }) : made;
}

interface HowToSignIn {
  /** Offers the passkeys in the field for the address, and waits for one to be chosen. */
  readonly inField?: boolean;
  /** Asked before the device is: by then something else may have begun. */
  readonly isWanted?: () => boolean;
}

/** Signs in with a passkey of this device. Never throws; the code of what the device refused is `passkey`. */
export async function signInByPasskey({ inField = false, isWanted = () => true }: HowToSignIn = {}): Promise<Outcome> {
  const options = await call('POST', '/api/auth/passkeys/sign-in/options', {});
  if (!options.ok) return options;
  if (!isWanted()) return refused('sign-in', 'AbortError');
  // As above.
  const optionsJSON = options.body as PublicKeyCredentialRequestOptionsJSON;
  const signed = await byDevice('sign-in', () => startAuthentication({ optionsJSON, useBrowserAutofill: inField }));
  return signed.ok ? call('POST', '/api/auth/passkeys/sign-in', { response: signed.body }) : signed;
}

type ByDevice = { readonly ok: true; readonly body: object } | Extract<Outcome, { ok: false }>;

async function byDevice(what: 'make' | 'sign-in', ask: () => Promise<object>): Promise<ByDevice> {
  try {
    return { ok: true, body: await ask() };
  } catch (error) {
    return refused(what, error instanceof Error ? error.name : '');
  }
}

const refused = (what: 'make' | 'sign-in', name: string): Extract<Outcome, { ok: false }> => ({
  ok: false,
  fault: { status: 0, code: 'passkey', detail: passkeyRefusal(what, name), errors: [] },
});
