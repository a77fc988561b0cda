import { type Chapter, none, testsIn } from './requirement.ts';

const forbidden = testsIn('forbidden.test.ts');
const keys = testsIn('auth/src/signing-keys.test.ts');
const password = testsIn('auth/src/password.test.ts');
const ciphers = testsIn('e2e/verify/tls.slow.test.ts')('does not take %s');
const hashes = forbidden('hashes with SHA-256 only, and signs with ES256 only');
const noCiphers = forbidden('encrypts nothing by itself');

export const cryptography: Chapter = {
  title: 'Cryptography',
  requirements: {
    'V11.1.1': {
      about: 'Documented: who has which key, and when it is replaced',
      open: 'a document: [security rules](security-rules.md#keys-and-algorithms), [rotate secrets](operations.md#rotate-secrets)',
    },
    'V11.1.2': {
      about: 'An inventory of keys and algorithms',
      tests: [testsIn('docs/generate/security-rules.test.ts')('name every file that computes something cryptographic')],
    },
    'V11.2.1': {
      about: 'Proven implementations only',
      tests: [password('is hashed like the reference implementation does'), noCiphers, hashes],
    },
    'V11.2.2': {
      about: 'Algorithms, keys and parameters can be replaced',
      open: 'keys, secrets and the parameters of hashes can, and are tested; other algorithms need a release',
    },
    'V11.2.3': {
      about: '128 bits of security',
      tests: [hashes, password('refuse %s for keys, without showing them'), ciphers],
    },
    'V11.3.1': { about: 'No weak modes and paddings', tests: [noCiphers, ciphers] },
    'V11.3.2': { about: 'Approved ciphers only', tests: [noCiphers, ciphers] },
    ...none('nothing is encrypted by our own code', { 'V11.3.3': 'Encrypted data is authenticated' }),
    'V11.4.1': { about: 'Approved hashes only', tests: [hashes] },
    'V11.4.2': {
      about: 'Passwords are stored with a slow hash',
      tests: [
        password('is stored as argon2id with the parameters that OWASP recommends'),
        testsIn('auth/src/sign-up.test.ts')('stores neither the password nor the token'),
      ],
    },
    'V11.4.3': { about: 'Hashes of signatures have 256 bits', tests: [hashes] },
    ...none('no key is made of a password', { 'V11.4.4': 'Keys of passwords are stretched' }),
    'V11.5.1': {
      about: 'What must not be guessed has 128 random bits',
      tests: [
        forbidden('takes chance from Math.random only where nobody gains by guessing it'),
        testsIn('auth/src/sign-up.test.ts')('creates an account, and a session that only the browser has'),
        testsIn('auth/src/people/guest.test.ts')('is told to mail with a key of which only the hash is stored'),
      ],
    },
    'V11.6.1': {
      about: 'Approved algorithms for keys and signatures',
      tests: [password('refuse %s for keys, without showing them'), keys('are refused if their header has %s'), hashes],
    },
  },
};
