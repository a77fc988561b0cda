import { type Chapter, none, testsIn } from './requirement.ts';

const forbidden = testsIn('forbidden.test.ts');
const gateway = testsIn('e2e/local/gateway.test.ts');
const http = testsIn('common/src/http/http.test.ts');
const pages = testsIn('e2e/pages.test.ts');
const sales = testsIn('tickets/src/shows/sales.test.ts');
const salesCsv = testsIn('tickets/src/shows/sales-csv.test.ts');
const markup = pages('shows as text what a seller has written as markup');

const noMemory = 'memory is managed by V8; no service has native code of its own';

export const encoding: Chapter = {
  title: 'Encoding and sanitization',
  requirements: {
    'V1.1.1': {
      about: 'Input is decoded once, before it is checked',
      tests: [
        gateway('refuses %s, which could be read in two ways'),
        http('is matched exactly, including case and slashes: %s is not found'),
        http('with an invalid percent-encoding is answered 400'),
      ],
    },
    'V1.1.2': {
      about: 'Output is encoded last, by what interprets it',
      tests: [markup, sales('come as CSV too, to who asks for it')],
    },
    'V1.2.1': { about: 'Output is encoded for HTML and headers', tests: [markup] },
    'V1.2.2': {
      about: 'Built URLs are encoded, and only safe schemes are taken',
      tests: [
        testsIn('client/src/lib/next-path.test.ts')('never leaves the site for %j'),
        testsIn('client/src/lib/next-path.test.ts')('keeps a query in the path'),
        testsIn('tickets/src/shows/shows.test.ts')('is refused with %s, and the field is named'),
      ],
    },
    'V1.2.3': { about: 'Output is encoded where scripts and JSON are built', tests: [markup] },
    'V1.2.4': {
      about: 'No injection into database queries',
      tests: [
        forbidden('makes no pattern from text'),
        testsIn('tickets/src/lookup.test.ts')('can be asked for with anything that fits into an address'),
        testsIn('tickets/src/words.test.ts')('asks for a word that begins with each of its words, by ranges alone'),
        testsIn('auth/src/sign-up.test.ts')('refuses %s and names the field'),
      ],
    },
    'V1.2.5': { about: 'No injection into commands of the system', tests: [forbidden('runs no other program')] },
    ...none('nothing here speaks LDAP, XPath or LaTeX', {
      'V1.2.6': 'No LDAP injection',
      'V1.2.7': 'No XPath injection',
      'V1.2.8': 'LaTeX is processed safely',
    }),
    'V1.2.9': { about: 'Text in patterns is escaped', tests: [forbidden('makes no pattern from text')] },
    ...none('nobody can write HTML: every text is plain', { 'V1.3.1': 'HTML of editors is sanitized' }),
    'V1.3.2': { about: 'No eval and the like', tests: [forbidden('runs no text as code')] },
    'V1.3.3': {
      about: 'What goes into a dangerous context is sanitized and cut',
      tests: [
        salesCsv('is no formula and no other cell: %j'),
        testsIn('common/src/telemetry/logger.test.ts')('escapes %s, so that a program reads the original text'),
        testsIn('common/src/contracts/text.test.ts')('has no control characters: %j'),
      ],
    },
    ...none('nobody can upload or write SVG, Markdown, CSS or templates', {
      'V1.3.4': 'SVG is sanitized',
      'V1.3.5': 'Scriptable or styled content is sanitized',
    }),
    'V1.3.6': {
      about: 'No requests of the server to addresses that a caller names',
      tests: [
        forbidden('follows no redirect of another server'),
        forbidden('asks only addresses that its settings name'),
      ],
    },
    'V1.3.7': { about: 'No templates made of input', tests: [forbidden('runs no text as code'), markup] },
    ...none('there is neither JNDI nor memcache', {
      'V1.3.8': 'No JNDI injection',
      'V1.3.9': 'No injection into memcache',
    }),
    'V1.3.10': {
      about: 'Input is never a format string',
      tests: [forbidden('gives the console no text of others as a format')],
    },
    'V1.3.11': {
      about: 'No injection into mails',
      tests: [
        testsIn('common/src/contracts/text.test.ts')('has no control characters: %j'),
        testsIn('common/src/contracts/auth.test.ts')('is not %j'),
      ],
    },
    ...none(noMemory, { 'V1.4.1': 'Memory is used safely' }),
    'V1.4.2': {
      about: 'No integer overflows',
      tests: [
        testsIn('common/src/contracts/money.test.ts')(
          'in %s can be paid from the minimum to the maximum, and not beyond',
        ),
        testsIn('tickets/src/ticket.test.ts')('refuses %p as a price'),
        http('does not match If-Match: %s'),
      ],
    },
    ...none(noMemory, { 'V1.4.3': 'Memory is freed, and not used afterwards' }),
    ...none('nothing here reads XML', { 'V1.5.1': 'XML parsers are restricted' }),
    'V1.5.2': {
      about: 'Untrusted data is deserialized safely',
      tests: [
        http('is JSON'),
        http('%s is refused'),
        http('with faults is refused with the name of each invalid or unknown field'),
        forbidden('runs no text as code'),
      ],
    },
  },
};
