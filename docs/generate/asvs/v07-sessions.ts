import { type Chapter, none, testsIn } from './requirement.ts';

const attack = testsIn('e2e/attack/attacks/sessions.ts');
const ended = testsIn('e2e/attack/attacks/endings.ts')(
  'what ends a session ends it everywhere within a second, and a link works once',
);
const identity = testsIn('auth/src/identity.test.ts');
const session = testsIn('auth/src/sessions/sessions.test.ts');
const signUp = testsIn('auth/src/sign-up.test.ts');
const accounts = testsIn('auth/src/people/accounts.test.ts');
const inBrowser = testsIn('e2e/browser-people-account.test.ts');
const endedElsewhere = inBrowser(
  'somebody ends the session of another device, which is out within a second, and changes the password',
);
const life = session('ends when it is not used, is extended while it is, and ends after its longest life');
const attacked = attack('a session begins with signing in, is kept from scripts, and is over when it has ended');
const token = signUp('creates an account, and a session that only the browser has');

export const sessions: Chapter = {
  title: 'Sessions',
  requirements: {
    'V7.1.1': {
      about: 'Documented: when sessions end, and why',
      open: 'a document: [security rules](security-rules.md#sessions)',
    },
    'V7.1.2': {
      about: 'Documented: how many sessions one may have',
      tests: [
        testsIn('docs/generate/security-rules.test.ts')('name every setting of a service that limits something'),
        session('ends when an account has too many and it is the least recently used'),
      ],
    },
    ...none('there is no single sign-on', { 'V7.1.3': 'Documented: sessions of several systems' }),
    'V7.2.1': {
      about: 'Sessions are checked by the service',
      tests: [session('is read only from our own cookie'), attacked],
    },
    'V7.2.2': {
      about: 'Tokens are made for each session',
      tests: [token, identity('is a signed token for a minute, or 401 without a session')],
    },
    'V7.2.3': {
      about: 'Tokens are random, of 128 bits at least',
      tests: [
        token,
        testsIn('forbidden.test.ts')('takes chance from Math.random only where nobody gains by guessing it'),
      ],
    },
    'V7.2.4': {
      about: 'Each sign-in makes a new session and ends the one before',
      tests: [testsIn('auth/src/sign-in.test.ts')('replaces the browser’s previous session'), attacked],
    },
    'V7.3.1': { about: 'An unused session ends', tests: [life] },
    'V7.3.2': { about: 'Every session ends', tests: [life] },
    'V7.4.1': {
      about: 'An ended session is of no use',
      tests: [
        session('ends at once when its owner signs out'),
        session('does not come back because of a concurrent look-up during sign-out'),
        endedElsewhere,
        attacked,
        ended,
      ],
    },
    'V7.4.2': {
      about: 'The sessions of a deleted account end',
      tests: [
        accounts('is deleted with the password: account, sessions, links, marks, and the guests of the address'),
        inBrowser('somebody takes their data away and deletes the account, and the order stays with its seller'),
      ],
    },
    'V7.4.3': {
      about: 'A new password ends the other sessions',
      tests: [
        accounts('is changed with the present one, which ends all other sessions and is told to the owner'),
        testsIn('auth/src/links/links.test.ts')('resets a password, ends every other session and tells the owner'),
      ],
    },
    'V7.4.4': {
      about: 'Signing out is possible on every page',
      tests: [testsIn('e2e/pages.test.ts')('lets people sign out on every page that needs a session')],
    },
    'V7.4.5': {
      about: 'The operator can end sessions',
      tests: [session('ends when an operator removes it from the database')],
    },
    'V7.5.1': {
      about: 'Changing how one signs in takes signing in again',
      tests: [
        accounts('is changed with the present one, which ends all other sessions and is told to the owner'),
        accounts('cannot be guessed by somebody who has found a signed-in browser'),
        accounts('is set without one only after a recent sign-in'),
      ],
    },
    'V7.5.2': {
      about: 'People see and end their sessions, after signing in again',
      open: 'they do, and that is tested, but without signing in again',
    },
    ...none('there is no single sign-on', { 'V7.6.1': 'Sessions of several systems end together' }),
    'V7.6.2': {
      about: 'No session begins without its person',
      tests: [identity('refuses to sign a browser in or out for another site')],
    },
  },
};
