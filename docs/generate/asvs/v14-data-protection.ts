import { type Chapter, testsIn } from './requirement.ts';

const answers = testsIn('e2e/attack/attacks/answers.ts')(
  'every answer carries its security headers, and only public reads are given to other sites',
);
const csp = testsIn('client/src/lib/csp.test.ts');
const noStore = testsIn('common/src/http/http.test.ts')('is not cached, sniffed or embedded: %s');

export const dataProtection: Chapter = {
  title: 'Data protection',
  requirements: {
    'V14.1.1': {
      about: 'Documented: classes of data',
      open: 'a document: [security rules](security-rules.md#data)',
    },
    'V14.1.2': {
      about: 'Documented: how each class is protected',
      open: 'a document: [security rules](security-rules.md#data)',
    },
    'V14.2.1': {
      about: 'No secrets in addresses',
      open: 'a session is in a header only; the link in a guest’s mail has its key in the address that the mail leads to',
    },
    'V14.2.2': { about: 'No cache on the way keeps what is personal', tests: [answers, noStore] },
    'V14.2.3': {
      about: 'Nothing is sent to trackers',
      tests: [
        csp('allows only our scripts and Stripe’s'),
        csp('allows the sandbox only if it is configured'),
        testsIn('mail/src/smtp.test.ts')(
          'gets plain headers: no tracking, no list, and a note that a machine has written it',
        ),
      ],
    },
    'V14.2.4': {
      about: 'Each class is protected as documented',
      open: 'hashes, logs, caches and access are tested one by one; encryption at rest and how long orders are kept are the operator’s part',
    },
    'V14.3.1': {
      about: 'Nothing personal stays in the browser after signing out',
      open: 'signing out loads a new page, and pages are not cached; no test looks for what is left',
    },
    'V14.3.2': { about: 'Browsers do not cache what is personal', tests: [answers, noStore] },
    'V14.3.3': {
      about: 'Nothing personal in the storage of the browser',
      tests: [
        testsIn('forbidden.test.ts')(
          'keeps nothing that outlives its tab but the way back from a mail, and takes no messages from other windows',
        ),
        testsIn('auth/src/sign-up.test.ts')('uses a __Host- cookie under https'),
      ],
    },
  },
};
