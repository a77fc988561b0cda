import { type Chapter, testsIn } from './requirement.ts';

const guessing = testsIn('auth/src/guessing.test.ts');
const logger = testsIn('common/src/telemetry/logger.test.ts');
const requests = testsIn('common/src/http/requests.test.ts');
const escaped = logger('escapes %s, so that a program reads the original text');
const signIns = guessing('is logged with the address and the account’s id, without what was typed');
const bug = requests('on our side is answered 500 without detail, and is logged with its error id');
const elsewhere =
  'standard output is the interface; the cluster decides who may read it and where it goes ([security rules](security-rules.md#logs))';

export const logging: Chapter = {
  title: 'Logging and errors',
  requirements: {
    'V16.1.1': {
      about: 'An inventory of logs',
      tests: [testsIn('docs/generate/security-rules.test.ts')('list the log of every service')],
    },
    'V16.2.1': {
      about: 'Lines say when, where, who and what',
      open: 'lines of sign-ins do; lines of requests say when, where and what, and Traefik’s say from which address',
    },
    'V16.2.2': { about: 'Times are in UTC', tests: [logger('says when, in UTC, and which service it is of')] },
    'V16.2.3': {
      about: 'Logs go only where they should',
      tests: [
        testsIn('forbidden.test.ts')('reads and writes no file that a caller could name'),
        testsIn('forbidden.test.ts')('asks only addresses that its settings name'),
      ],
    },
    'V16.2.4': {
      about: 'Logs have one format',
      tests: [escaped, logger('says when, in UTC, and which service it is of')],
    },
    'V16.2.5': {
      about: 'No secrets in logs',
      tests: [
        requests('is logged without its session and token'),
        signIns,
        testsIn('common/src/config.test.ts')('never show what was set, which may be a secret'),
      ],
    },
    'V16.3.1': { about: 'Sign-ins are logged, also failed ones', tests: [signIns] },
    'V16.3.2': {
      about: 'Refused requests are logged',
      tests: [requests('that is refused is logged with its path and status')],
    },
    'V16.3.3': {
      about: 'Attempts to get around a control are logged',
      tests: [requests('that is refused is logged with its path and status'), signIns],
    },
    'V16.3.4': {
      about: 'Unexpected errors are logged',
      tests: [bug, requests('in the middle of an answer closes the connection and is logged')],
    },
    'V16.4.1': { about: 'Nobody can forge a line', tests: [escaped] },
    'V16.4.2': { about: 'Logs are protected', open: elsewhere },
    'V16.4.3': { about: 'Logs are sent to a separate system', open: elsewhere },
    'V16.5.1': {
      about: 'Errors show nothing of the inside',
      tests: [bug, requests('says when to retry, in whole seconds, and does not reveal its cause')],
    },
    'V16.5.2': {
      about: 'It works on when others fail',
      tests: [
        testsIn('payments/src/payments.test.ts')('is answered 503 while Stripe is away, and loses nothing'),
        testsIn('auth/src/signing-keys.test.ts')('stay valid while auth is unavailable'),
        testsIn('e2e/rebuild.test.ts')('what is written is announced as soon as the broker is back'),
      ],
    },
    'V16.5.3': {
      about: 'What fails is refused, not let through',
      tests: [
        testsIn('auth/src/signing-keys.test.ts')('cannot be verified before auth has been reached once'),
        testsIn('payments/src/webhook-signatures.test.ts')('are all refused when nothing can verify signatures'),
        testsIn('common/src/store/aggregates.test.ts')('writes and announces nothing when the decision fails'),
        testsIn('auth/src/sessions/sessions.test.ts')(
          'that cannot be read because it %s is an error on our side, and only for its owner',
        ),
      ],
    },
  },
};
