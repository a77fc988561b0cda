import type { Signer } from './signing-keys.ts';

/** How long an identity is handed out again, in ms. Services take it for 60 s, so it has 40 s left at the least. */
const reusedForMs = 20_000;
const mostRemembered = 10_000;

/**
 * Signs what was just signed only once: a page makes several requests within a second, and a signature costs more than
 * all else that an identity takes. Whether the session still lives is asked before, each time, so nobody is let in for
 * longer.
 */
export function rememberSigned(signer: Signer, now: () => Date): Signer {
  const signed = new Map<string, { identity: Promise<string>; until: number }>();
  return {
    ...signer,
    sign(...claims) {
      const key = JSON.stringify(claims);
      const at = now().getTime();
      const known = signed.get(key);
      if (known && known.until > at) return known.identity;
      signed.delete(key);
      if (signed.size >= mostRemembered) signed.delete(signed.keys().next().value ?? '');
      const identity = signer.sign(...claims);
      signed.set(key, { identity, until: at + reusedForMs });
      identity.catch(() => signed.delete(key));
      return identity;
    },
  };
}
