export interface Surroundings {
  /** The address of the page. */
  readonly url: string;
  /** Whether the browser takes the page for secure: https, or this very machine. */
  readonly isSecure: boolean;
  readonly hasWebAuthn: boolean;
}

/**
 * Why passkeys cannot be used on a page, as a sentence; null if they can. They are bound to the name of the shop, and
 * an IP address is none (WebAuthn Level 3, §5.1.2).
 */
export function whyNoPasskeys({ url, isSecure, hasWebAuthn }: Surroundings): string | null {
  const { protocol, hostname, port } = new URL(url);
  if (hostname.startsWith('127.') || hostname === '[::1]') {
    const there = `${protocol}//localhost${port && `:${port}`}`;
    return `Passkeys do not work at ${hostname}. Open the shop at ${there} to use them.`;
  }
  if (/^[\d.]+$|^\[/.test(hostname)) return 'Passkeys work only where a shop has a name, and not just an IP address.';
  if (!isSecure) return 'Passkeys need a secure connection (https).';
  return hasWebAuthn ? null : 'This browser has no passkeys.';
}

const forMaking = new Map([
  ['NotAllowedError', 'No passkey was made: it was cancelled, or it took too long. Try again whenever you like.'],
  ['InvalidStateError', 'This device has a passkey for your account already.'],
  ['ConstraintError', 'This device cannot keep a passkey. Try another device, or one with a screen lock.'],
  ['NotSupportedError', 'This device cannot make a passkey that this shop accepts. Try another device.'],
  ['SecurityError', 'Passkeys of this shop do not work at this address.'],
]);

const forSigningIn = new Map([
  [
    'NotAllowedError',
    'You are not signed in: it was cancelled, took too long, or there is no passkey here. Try again, or sign in another way.',
  ],
  ['SecurityError', 'Passkeys of this shop do not work at this address.'],
]);

/** What to say when the browser has made no passkey, or used none. `name` is that of its `DOMException`. */
export function passkeyRefusal(what: 'make' | 'sign-in', name: string): string {
  return what === 'make'
    ? (forMaking.get(name) ?? 'Your device could not make a passkey. Try again, or use another device.')
    : (forSigningIn.get(name) ?? 'Your device could not use a passkey. Try again, or sign in another way.');
}
