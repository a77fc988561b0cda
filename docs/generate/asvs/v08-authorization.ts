import { type Chapter, none, testsIn } from './requirement.ts';

const crowd = testsIn('e2e/prove/crowd/forbidden.test.ts');
const gateway = testsIn('e2e/local/gateway.test.ts');
const sold = testsIn('orders/src/sold.test.ts');
const routes = testsIn('docs/generate/docs.test.ts')('are open to whom they say, at the gateway: $method $path');

export const authorization: Chapter = {
  title: 'Authorization',
  requirements: {
    'V8.1.1': {
      about: 'Documented: who may do what with what',
      tests: [routes, crowd('cannot include a new route before its owner is declared')],
    },
    'V8.1.2': {
      about: 'Documented: who may see and set which field',
      open: 'a document: [security rules](security-rules.md#who-may-do-what), and each field in [its API](openapi)',
    },
    'V8.2.1': {
      about: 'Only who may call a function can',
      tests: [
        routes,
        gateway('is refused without a session, in the words of auth'),
        testsIn('common/src/http/requests.test.ts')('must be signed in where the route requires it'),
        testsIn('e2e/attack/attacks/roles.ts')('every route refuses everybody who may not use it, and nothing changes'),
      ],
    },
    'V8.2.2': {
      about: 'Only whose it is can see or change a thing',
      tests: [
        testsIn('orders/src/orders.test.ts')('are mine alone'),
        testsIn('payments/src/payments.test.ts')('is for its buyer, in time, and with a proper body'),
        testsIn('payments/src/refunds.test.ts')('is for the seller alone'),
        testsIn('tickets/src/tickets.test.ts')(
          'is refused to anybody else, for what is not there, and when the version moved',
        ),
        testsIn('tickets/src/shows/editing.test.ts')(
          'is refused to anybody else, for what is not there, with faults, and when the version moved',
        ),
        testsIn('orders/src/waiting/joining.test.ts')('is its person’s alone'),
        testsIn('e2e/attack/attacks/roles.ts')('every route refuses everybody who may not use it, and nothing changes'),
      ],
    },
    'V8.2.3': {
      about: 'Only who may see or set a field can',
      tests: [
        sold('are those that are complete, a page at a time, and do not say who the buyer is'),
        testsIn('tickets/src/tickets.test.ts')('is the business of its seller and its buyer alone'),
        testsIn('common/src/http/http.test.ts')(
          'with faults is refused with the name of each invalid or unknown field',
        ),
      ],
    },
    'V8.3.1': {
      about: 'Services decide, not the browser',
      tests: [
        testsIn('auth/src/signing-keys.test.ts')('are refused in any other form or with another signature'),
        testsIn('orders/src/orders.test.ts')('are mine alone'),
        testsIn('common/src/http/requests.test.ts')('must be signed in where the route requires it'),
      ],
    },
    ...none('one shop has one owner; organisers are people in it, covered by V8.2.2', {
      'V8.4.1': 'Tenants are kept apart',
    }),
  },
};
