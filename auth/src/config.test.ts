import { loadConfig } from './config.ts';

/** From RFC 7515, appendix A.3. */
const publishedKey = {
  ...{ kid: 'rfc', kty: 'EC', crv: 'P-256' },
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
};

it('signs with no key that everybody can read', () => {
  expect(() => loadConfig({ SIGNING_KEYS: JSON.stringify([publishedKey]) })).toThrow(
    /SIGNING_KEYS: 0: has a private key that has been published/,
  );
});
