import { type Chapter, testsIn } from './requirement.ts';

const keys = testsIn('auth/src/signing-keys.test.ts');
const form = keys('are refused in any other form or with another signature');
const claims = keys('are refused with %s, even if signed with auth’s key');
const header = keys('are refused if their header has %s');

export const tokens: Chapter = {
  title: 'Self-contained tokens',
  requirements: {
    'V9.1.1': {
      about: 'The signature is checked first',
      tests: [
        form,
        testsIn('e2e/attack/attacks/tokens.ts')('an identity that auth did not sign, or not like this, is nobody’s'),
      ],
    },
    'V9.1.2': { about: 'One algorithm, never none', tests: [form, header] },
    'V9.1.3': {
      about: 'Keys come from auth alone, not from the token',
      tests: [
        header,
        keys('cause one request to auth if verified concurrently'),
        testsIn('forbidden.test.ts')('follows no redirect of another server'),
      ],
    },
    'V9.2.1': { about: 'Only within its time', tests: [claims, keys('expire after a minute')] },
    'V9.2.2': { about: 'Only of the right type', tests: [header] },
    'V9.2.3': { about: 'Only for its audience', tests: [claims] },
    'V9.2.4': {
      about: 'The audience is in the token',
      tests: [testsIn('auth/src/identity.test.ts')('is a signed token for a minute, or 401 without a session'), claims],
    },
  },
};
