import { type Chapter, testsIn } from './requirement.ts';

const fields = testsIn('e2e/attack/attacks/fields.ts')('no content of a request makes a service fail');
const forbidden = testsIn('forbidden.test.ts');
const gateway = testsIn('e2e/local/gateway.test.ts');
const http = testsIn('common/src/http/http.test.ts');
const images = testsIn('e2e/images/images.test.ts');
const faults = http('with faults is refused with the name of each invalid or unknown field');

export const architecture: Chapter = {
  title: 'Secure coding and architecture',
  requirements: {
    'V15.1.1': {
      about: 'Documented: how soon a vulnerable package is replaced',
      open: 'a document: [security rules](security-rules.md#vulnerable-packages)',
    },
    'V15.1.2': {
      about: 'An inventory of packages, from trusted sources',
      open: '`npm run sbom` lists each with its hash, which is tested; from which registry they come is a setting of npm',
    },
    'V15.1.3': {
      about: 'Documented: what is costly, and what keeps it from being overused',
      open: 'a document: [security rules](security-rules.md#costly-functions)',
    },
    'V15.2.1': {
      about: 'No package that should have been replaced',
      open: '`npm audit` asks a registry, so it is no test; [when to run it](security-rules.md#vulnerable-packages)',
    },
    'V15.2.2': {
      about: 'What is costly cannot be overused',
      tests: [
        testsIn('auth/src/guessing.test.ts')('delays somebody new only by its share of the turns'),
        gateway('answers a bounded number of requests of one address at a time'),
        testsIn('orders/src/shows/free-units.test.ts')('is a megabyte at most for 50,000 tickets'),
        testsIn('tickets/src/shows/shows.test.ts')(
          'has to wait for the tickets of many large shows before announcing another',
        ),
        testsIn('common/src/messaging/awaited-copies.test.ts')(
          'is waited for by a limited number of requests; others are told to retry',
        ),
        testsIn('common/src/store/aggregates.test.ts')(
          'counts as an unavailable database, so that the caller is told to retry',
        ),
      ],
    },
    'V15.2.3': {
      about: 'Only what is needed is deployed',
      tests: [
        images('keeps everything that is not listed away from Docker, also what git knows and local secrets'),
        images('brings no tests into an image'),
      ],
    },
    'V15.3.1': {
      about: 'Answers have only the fields that they should have',
      tests: [
        testsIn('orders/src/sold.test.ts')(
          'are those that are complete, a page at a time, and do not say who the buyer is',
        ),
        testsIn('tickets/src/tickets.test.ts')('is the business of its seller and its buyer alone'),
        testsIn('orders/src/waiting/entry.test.ts')('is announced without what only the line needs'),
        testsIn('auth/src/sign-up.test.ts')('creates an account, and a session that only the browser has'),
      ],
    },
    'V15.3.2': {
      about: 'Redirects of others are not followed',
      tests: [forbidden('follows no redirect of another server')],
    },
    'V15.3.3': {
      about: 'Only fields that a route takes can be set',
      tests: [
        faults,
        testsIn('auth/src/sign-up.test.ts')('refuses %s and names the field'),
        testsIn('tickets/src/shows/shows.test.ts')('is refused with %s, and the field is named'),
      ],
    },
    'V15.3.4': {
      about: 'The caller’s address cannot be forged',
      tests: [
        gateway('does not trust the X-Forwarded-* headers of callers'),
        testsIn('common/src/http/requests.test.ts')('has the address that our own gateway saw'),
        testsIn('auth/src/guessing.test.ts')(
          'from one network is limited across all accounts, whatever its headers claim, without affecting other networks',
        ),
        testsIn('e2e/verify/verify.slow.test.ts')('finds $what'),
      ],
    },
    'V15.3.5': {
      about: 'Types are checked, comparisons are strict',
      tests: [faults, http('does not match If-Match: %s'), fields],
    },
    'V15.3.6': {
      about: 'No prototype pollution',
      tests: [http('with a prototype in it changes none'), forbidden('changes no prototype'), fields],
    },
    'V15.3.7': {
      about: 'A parameter that is sent twice is not taken for another',
      tests: [
        testsIn('common/src/http/strangers.test.ts')(
          'is refused with a parameter twice, and takes none from another place',
        ),
        gateway('refuses the header %s, which some servers read as another'),
      ],
    },
  },
};
