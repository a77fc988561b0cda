import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Attack } from '../attack.ts';
import { claimsFor, encoded, identityOf, signed, signingKey } from '../jwt.ts';
import { eachOf } from '../raw.ts';
import type { Target } from '../target.ts';

/** Identities that auth did not sign, or not for this. Services and the gateway take none of them. */
export const tokens: Attack = {
  name: 'tokens',
  promise: 'an identity that auth did not sign, or not like this, is nobody’s',
  async run(target) {
    const { buyer, orderId } = target.deal;
    const faults: string[] = [];
    const ask = async (base: string, path: string, authorization: string) => {
      const { status } = await fetch(`${base}${path}`, { headers: { authorization } });
      return status;
    };
    const orders = `http://127.0.0.1:${target.servicePorts.orders}`;
    const path = `/api/orders/${orderId}`;
    const good = await ask(orders, path, `Bearer ${identityOf(target.secrets, buyer.id)}`);
    if (good !== 200) faults.push(`the identity of its buyer was answered ${good}, so the others prove nothing`);
    const forgeries = [...Object.entries(forged(target)), ...Object.entries(misspelt(target))];
    await eachOf(forgeries, 4, async ([what, authorization]) => {
      const direct = await ask(orders, path, authorization);
      if (direct !== 401) faults.push(`${what} was answered ${direct} by orders itself`);
      const outside = await ask(target.shop.origin, path, authorization);
      if (outside !== 401) faults.push(`${what} was answered ${outside} by the gateway`);
    });
    // What a service takes is no session.
    const identity = await ask(target.shop.origin, path, `Bearer ${identityOf(target.secrets, buyer.id)}`);
    if (identity !== 401) faults.push(`a signed identity was answered ${identity} by the gateway`);
    return { tried: forgeries.length * 2 + 2, faults };
  },
};

function forged({ secrets, deal }: Target): Record<string, string> {
  const { key, kid } = signingKey(secrets);
  const header = { alg: 'ES256', typ: 'JWT', kid };
  const claims = claimsFor(deal.buyer.id);
  const now = Math.floor(Date.now() / 1000);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ed = generateKeyPairSync('ed25519').privateKey;
  const publicKey = createPublicKey(key);
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const publicJwk = publicKey.export({ format: 'jwk' });
  const otherJwk = createPublicKey(other).export({ format: 'jwk' });
  const good = signed(header, claims, key);
  const [head = '', body = '', signature = ''] = good.split('.');
  const mac = (secret: string, alg = 'HS256') => {
    const input = `${encoded({ ...header, alg })}.${encoded(claims)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const withKey = (more: object) => signed({ ...header, ...more }, claims, other);
  const says = (more: object) => signed({ ...header, ...more }, claims, key);
  const claiming = (more: object) => signed(header, { ...claims, ...more }, key);
  const without = (name: string) =>
    signed(header, Object.fromEntries(Object.entries(claims).filter(([it]) => it !== name)), key);
  const unsigned = (alg: string) => `${encoded({ ...header, alg })}.${encoded(claims)}.`;
  const der = sign('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url');
  const tokens: Record<string, string> = {
    'no signature, alg none': unsigned('none'),
    'no signature, alg None': unsigned('None'),
    'no signature, alg NONE': unsigned('NONE'),
    'no signature, alg empty': unsigned(''),
    'no signature, alg ES256': unsigned('ES256'),
    'alg none with a signature': `${encoded({ ...header, alg: 'none' })}.${body}.${signature}`,
    'HS256 with the public key in PEM': mac(publicPem),
    'HS256 with the public key in PEM, trimmed': mac(publicPem.trim()),
    'HS256 with the public JWK': mac(JSON.stringify(publicJwk)),
    'HS256 with nothing': mac(''),
    'HS256 with the key’s name': mac(String(kid)),
    'HS512 by name': mac(publicPem, 'HS512'),
    'another key': withKey({}),
    'another key that it brings along': withKey({ jwk: otherJwk }),
    'another key at an address': withKey({ jku: 'http://127.0.0.1:1/jwks.json' }),
    'another key in a certificate': withKey({ x5c: ['MIIB'] }),
    'another key at x5u': withKey({ x5u: 'http://127.0.0.1:1/cert.pem' }),
    'a key of another name': withKey({ kid: 'other' }),
    'a key named like a path': withKey({ kid: '../../../../dev/null' }),
    'a key named like a query': withKey({ kid: "' OR '1'='1" }),
    'a key named __proto__': withKey({ kid: '__proto__' }),
    'a key named constructor': withKey({ kid: 'constructor' }),
    'a key whose name is a list': withKey({ kid: [kid] }),
    'a key whose name is a number': withKey({ kid: 0 }),
    'no name of a key': signed({ alg: 'ES256', typ: 'JWT' }, claims, key),
    RS256: `${encoded({ ...header, alg: 'RS256' })}.${body}.${sign('sha256', Buffer.from(`${encoded({ ...header, alg: 'RS256' })}.${body}`), rsa).toString('base64url')}`,
    EdDSA: `${encoded({ ...header, alg: 'EdDSA' })}.${body}.${sign(null, Buffer.from(`${encoded({ ...header, alg: 'EdDSA' })}.${body}`), ed).toString('base64url')}`,
    'ES384 by name': says({ alg: 'ES384' }),
    'es256 in small letters': says({ alg: 'es256' }),
    'another type': says({ typ: 'at+jwt' }),
    'a nested token': says({ cty: 'JWT' }),
    'a critical extension': says({ crit: ['exp'] }),
    'a payload that is not encoded': says({ b64: false, crit: ['b64'] }),
    compressed: says({ zip: 'DEF' }),
    'a header that is a list': signed([header], claims, key),
    'a header that is null': signed(null, claims, key),
    'a signature of nulls': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature of ones': `${head}.${body}.${Buffer.alloc(64, 1).toString('base64url')}`,
    'a signature in DER': `${head}.${body}.${der}`,
    'half a signature': `${head}.${body}.${signature.slice(0, 43)}`,
    'a signature and more': `${head}.${body}.${signature}AAAA`,
    'no signature at all': `${head}.${body}`,
    'four parts': `${good}.${signature}`,
    'five parts, like an encrypted one': `${head}..${body}.${signature}.${signature}`,
    'the claims of another': `${head}.${encoded({ ...claims, sub: deal.seller.id })}.${signature}`,
    'the header of another': `${encoded({ ...header, more: 1 })}.${body}.${signature}`,
    expired: claiming({ iat: now - 120, exp: now - 60 }),
    'expired just now': claiming({ iat: now - 61, exp: now - 1 }),
    'from the future': claiming({ iat: now + 600, exp: now + 660 }),
    'not valid yet': claiming({ nbf: now + 600 }),
    'valid for a year': claiming({ exp: now + 31_536_000 }),
    'valid for a negative time': claiming({ iat: now + 60, exp: now + 30 }),
    'an end that is text': claiming({ exp: String(now + 60) }),
    'an end that is infinite': claiming({ exp: 1e308 }),
    'no end': without('exp'),
    'no beginning': without('iat'),
    'no issuer': without('iss'),
    'another issuer': claiming({ iss: 'box-office/auth/' }),
    'several issuers': claiming({ iss: ['box-office/auth'] }),
    'no audience': without('aud'),
    'another audience': claiming({ aud: 'somebody-else' }),
    'a list of audiences': claiming({ aud: ['somebody-else', 'box-office'] }),
    nobody: without('sub'),
    'an empty name': claiming({ sub: '' }),
    'a list of people': claiming({ sub: [deal.buyer.id] }),
    'an operator for a person': claiming({ sub: { $ne: null } }),
    'a number for a person': claiming({ sub: 1 }),
    'claims that are a list': signed(header, [claims], key),
    'claims that are text': signed(header, 'claims', key),
    'standard base64 instead of base64url': `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64')}=`,
    padding: `${head}=.${body}=.${signature}=`,
    'a blank in it': `${head}. ${body}.${signature}`,
  };
  return Object.fromEntries(Object.entries(tokens).map(([what, token]) => [what, `Bearer ${token}`]));
}

/** A good identity, announced in ways that some servers take for `Bearer`. */
function misspelt({ secrets, deal }: Target): Record<string, string> {
  const good = identityOf(secrets, deal.buyer.id);
  return {
    'bearer in small letters': `bearer ${good}`,
    'two blanks': `Bearer  ${good}`,
    'a tab': `Bearer\t${good}`,
    'no scheme': good,
    'Token for a scheme': `Token ${good}`,
    'DPoP for a scheme': `DPoP ${good}`,
    'two in one header': `Bearer x, Bearer ${good}`,
    'Basic with it as a name': `Basic ${Buffer.from(`${good}:`).toString('base64')}`,
    'in quotes': `Bearer "${good}"`,
  };
}
