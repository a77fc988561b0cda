import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { newSeed } from '@box-office/common/messaging/nkey';
import { loadConfig } from './config.ts';
import { createPasswords, currentParameters } from './password.ts';

const anna = { account: 'anna', address: '198.51.100.1' };
const fast = { memoryKiB: 64, passes: 1, parallelism: 1 };

describe('a password', () => {
  const passwords = createPasswords({ randomBytes, parameters: fast });

  it('is stored as argon2id with the parameters that OWASP recommends', async () => {
    const stored = await createPasswords({ randomBytes }).hash('correct horse', anna);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(currentParameters).toEqual({ memoryKiB: 19_456, passes: 2, parallelism: 1 });
  });

  it('is hashed like the reference implementation does', async () => {
    // A vector of the reference implementation's own test.c.
    const known = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    expect(await passwords.verify('password', known, anna)).toEqual({ matches: true, outdated: false });
    expect(await passwords.verify('passwore', known, anna)).toEqual({ matches: false, outdated: false });
  });

  it('never gives the same hash twice', async () => {
    expect(await passwords.hash('correct horse', anna)).not.toBe(await passwords.hash('correct horse', anna));
  });

  it('is the same in every Unicode normalization form', async () => {
    const stored = await passwords.hash('caf\u00e9 au lait', anna);
    expect(await passwords.verify('cafe\u0301 au lait', stored, anna)).toMatchObject({ matches: true });
  });

  it('never matches an account that does not exist', async () => {
    expect(await passwords.verify('correct horse', null, anna)).toEqual({ matches: false, outdated: false });
  });

  it('is rehashed if the parameters have become stronger, not if weaker', async () => {
    const stored = await passwords.hash('correct horse', anna);
    const verdict = (parameters: typeof fast) =>
      createPasswords({ randomBytes, parameters }).verify('correct horse', stored, anna);
    expect(await verdict({ ...fast, memoryKiB: 128 })).toEqual({ matches: true, outdated: true });
    expect(await verdict({ ...fast, passes: 2 })).toEqual({ matches: true, outdated: true });
    expect(await verdict({ ...fast, memoryKiB: 32 })).toEqual({ matches: true, outdated: false });
  });

  it('waits for its turn, in order, and is refused when too many wait', async () => {
    const narrow = createPasswords({ randomBytes, parameters: fast, atOnce: 1, waitingAtMost: 2 });
    const order: number[] = [];
    const attempts = [0, 1, 2, 3].map((number) =>
      narrow.verify('correct horse', null, anna).then(() => order.push(number)),
    );
    await expect(attempts[3]).rejects.toMatchObject({ code: 'too-busy', retryAfterSeconds: 5 });
    await Promise.all(attempts.slice(0, 3));
    expect(order).toEqual([0, 1, 2]);
    await expect(narrow.hash('correct horse', anna)).resolves.toContain('$argon2id$');
  });
});

describe('many sign-ins at once', () => {
  it('leave a core for everybody else, and a thread for signing identities, of which Node has four', async () => {
    let [running, most] = [0, 0];
    const derive = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return Buffer.alloc(32);
    };
    const passwords = createPasswords({ randomBytes, derive });
    await Promise.all(
      Array.from({ length: 20 }, (_, number) => passwords.hash('correct horse', { ...anna, account: `${number}` })),
    );
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(Math.max(2, Math.min(4, availableParallelism())));
  });
});

describe('the settings', () => {
  const key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const [a, b] = [
    { ...key(), kid: 'a' },
    { ...key(), kid: 'b' },
  ];
  const good = {
    MONGO_URL: 'mongodb://db/auth',
    NATS_URL: 'nats://nats:4222',
    NATS_SEED: newSeed(),
    PUBLIC_ORIGIN: 'https://tickets.example/somewhere',
    SIGNING_KEYS: JSON.stringify([a, b]),
  };

  it('are enough with a database, an origin and keys', () => {
    const config = loadConfig(good);
    expect(config.PUBLIC_ORIGIN).toBe('https://tickets.example');
    expect(config.SIGNING_KEYS.map(({ kid }) => kid)).toEqual(['a', 'b']);
    expect(config).toMatchObject({ JWT_ISSUER: 'box-office/auth', JWT_AUDIENCE: 'box-office' });
  });

  it.each([
    ['no JSON', 'secret!', 'is not JSON'],
    ['no key', '[]', 'must contain a key'],
    ['a public key alone', JSON.stringify([{ ...a, d: undefined }]), '0.d'],
    ['halves of two pairs', JSON.stringify([a, { ...b, d: a.d }]), '1: has a private key'],
    ['one kid twice', JSON.stringify([a, { ...b, kid: 'a' }]), 'a different kid'],
    ['a key on another curve', JSON.stringify([{ ...a, crv: 'P-384' }]), '0.crv'],
  ])('refuse %s for keys, without showing them', (_, SIGNING_KEYS, message) => {
    expect(() => loadConfig({ ...good, SIGNING_KEYS })).toThrow(message);
    expect(() => loadConfig({ ...good, SIGNING_KEYS })).not.toThrow(a.d ?? 'secret!');
    expect(() => loadConfig({ ...good, SIGNING_KEYS })).not.toThrow('secret!');
  });

  it.each(['tickets.example', 'mailto:anna@example.com', 'data:text/plain,x'])('refuse %s for an origin', (origin) => {
    // Such an address has the origin "null", which is what a page in a sandbox calls itself.
    expect(() => loadConfig({ ...good, PUBLIC_ORIGIN: origin })).toThrow('PUBLIC_ORIGIN');
  });
});
