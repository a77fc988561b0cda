import { type Chapter, none, testsIn } from './requirement.ts';

const answers = testsIn('e2e/local/gateway-answers.test.ts');
const csp = testsIn('client/src/lib/csp.test.ts');
const forbidden = testsIn('forbidden.test.ts');
const identity = testsIn('auth/src/identity.test.ts');
const origin = testsIn('auth/src/origin.test.ts');
const http = testsIn('common/src/http/http.test.ts');
const pages = testsIn('e2e/pages.test.ts');
const signUp = testsIn('auth/src/sign-up.test.ts');
const cookie = signUp('uses a __Host- cookie under https');
const headers = answers('tells browsers what to make of %s %s, answered %d');
const apiHeaders = answers('lets an answer of the API that is opened as a page do nothing');
const pageHeaders = pages('sends a policy with each page, under which only our scripts run and nobody frames it');
const attacked = testsIn('e2e/attack/attacks/answers.ts')(
  'every answer carries its security headers, and only public reads are given to other sites',
);

export const frontend: Chapter = {
  title: 'Web frontend security',
  requirements: {
    'V3.2.1': {
      about: 'An answer is never rendered as something else than it is',
      tests: [apiHeaders, headers, http('is not cached, sniffed or embedded: %s')],
    },
    'V3.2.2': {
      about: 'Text is shown as text',
      tests: [
        pages('shows as text what a seller has written as markup'),
        forbidden('puts no markup into a page but through React'),
      ],
    },
    'V3.3.1': { about: 'Cookies are Secure, and named so', tests: [cookie] },
    'V3.3.2': {
      about: 'Each cookie has a fitting SameSite',
      tests: [cookie, signUp('creates an account, and a session that only the browser has')],
    },
    'V3.3.3': {
      about: 'The name of the cookie begins with __Host-',
      tests: [cookie, testsIn('auth/src/sessions/sessions.test.ts')('is read only from our own cookie')],
    },
    'V3.3.4': {
      about: 'Scripts cannot read the session',
      tests: [cookie, signUp('creates an account, and a session that only the browser has')],
    },
    'V3.4.1': {
      about: 'HSTS for a year or longer, with all subdomains',
      tests: [
        testsIn('e2e/verify/tls.test.ts')('finds %s'),
        testsIn('e2e/verify/verify.slow.test.ts')('finds no fault in %s'),
      ],
    },
    'V3.4.2': {
      about: 'CORS only for what is public, without credentials',
      tests: [
        answers('lets other sites read %s, which is public'),
        answers('answers a preflight for %s without a session, and permits nothing'),
        attacked,
      ],
    },
    'V3.4.3': {
      about: 'A Content-Security-Policy without plugins and foreign scripts',
      tests: [
        pageHeaders,
        apiHeaders,
        csp('allows only our scripts and Stripe’s'),
        csp('has neither plugins nor a base'),
      ],
    },
    'V3.4.4': { about: 'nosniff on every answer', tests: [headers, http('is not cached, sniffed or embedded: %s')] },
    'V3.4.5': { about: 'A Referrer-Policy', tests: [headers, attacked] },
    'V3.4.6': {
      about: 'frame-ancestors on every answer',
      tests: [apiHeaders, pageHeaders, csp('forbids framing')],
    },
    'V3.5.1': {
      about: 'Changes asked for by other sites are refused',
      tests: [
        identity('for a change by cookie from %s'),
        origin('may %s from our own pages alone'),
        identity('refuses to sign a browser in or out for another site'),
        testsIn('e2e/attack/attacks/browser.ts')(
          'a page of another port or site can neither act for a visitor nor read what is theirs',
        ),
      ],
    },
    'V3.5.2': {
      about: 'No change by a request without a preflight',
      tests: [identity('for a change by cookie from %s'), http('%s is refused')],
    },
    'V3.5.3': {
      about: 'Safe methods change nothing',
      tests: [
        origin('may %s from anywhere, for that changes nothing'),
        http('that a path does not support is answered 405 with a list of those it supports'),
      ],
    },
    'V3.5.4': {
      about: 'Separate applications have separate names',
      tests: [
        answers('serves nothing under %s, which is none of its names'),
        testsIn('auth/src/sessions/sessions.test.ts')('is not confused with that of another shop on the same host'),
      ],
    },
    'V3.5.5': {
      about: 'Messages of other windows are checked',
      tests: [
        forbidden(
          'keeps nothing that outlives its tab but the way back from a mail, and takes no messages from other windows',
        ),
      ],
    },
    ...none('the pages are HTML and scripts, without plugins', { 'V3.7.1': 'No outdated technology in the browser' }),
    'V3.7.2': {
      about: 'No redirect to foreign hosts',
      tests: [testsIn('client/src/lib/next-path.test.ts')('never leaves the site for %j')],
    },
  },
};
