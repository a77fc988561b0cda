import { type Chapter, testsIn } from './requirement.ts';

const docs = testsIn('docs/generate/docs.test.ts');
const http = testsIn('common/src/http/http.test.ts');
const limits = testsIn('orders/src/limits.test.ts');
const order = testsIn('orders/src/order.test.ts');
const orders = testsIn('orders/src/orders.test.ts');
const payment = testsIn('payments/src/payment.test.ts');
const requests = testsIn('common/src/http/requests.test.ts');
const rules = testsIn('docs/generate/security-rules.test.ts');
const shows = testsIn('tickets/src/shows/shows.test.ts');
const ticket = testsIn('tickets/src/ticket.test.ts');
const upToDate = docs('is up to date in %s (npm run docs writes it anew)');

export const validation: Chapter = {
  title: 'Validation and business logic',
  requirements: {
    'V2.1.1': { about: 'Documented: what each input must look like', tests: [upToDate] },
    'V2.1.2': {
      about: 'Documented: what must fit together',
      open: 'a document: [security rules](security-rules.md#what-a-caller-may-send)',
    },
    'V2.1.3': {
      about: 'Documented: limits per person and altogether',
      tests: [rules('name every setting of a service that limits something')],
    },
    'V2.2.1': {
      about: 'Input is checked against what is expected',
      tests: [
        http('with faults is refused with the name of each invalid or unknown field'),
        http('with an invalid id is answered 404'),
        shows('is refused with %s, and the field is named'),
        testsIn('common/src/contracts/auth.test.ts')('may or may not be of %s'),
        testsIn('e2e/prove/crowd/forbidden.test.ts')('have valid bodies'),
      ],
    },
    'V2.2.2': {
      about: 'Checks are made by the service, not only in the browser',
      tests: [
        http('with faults is refused with the name of each invalid or unknown field'),
        testsIn('auth/src/sign-up.test.ts')('refuses %s and names the field'),
        shows('is refused with %s, and the field is named'),
      ],
    },
    'V2.2.3': {
      about: 'What belongs together is checked together',
      tests: [
        ticket('checks the price against the resulting currency'),
        ticket('cannot move the start into the past, but can postpone a show that has begun'),
        shows('is refused with %s, and the field is named'),
        testsIn('tickets/src/shows/edit.test.ts')('never leaves fewer tickets than are held'),
      ],
    },
    'V2.3.1': {
      about: 'The steps of a sale come in order, and none can be skipped',
      tests: [
        payment('can be paid by its buyer until it is closed or its time is up'),
        order('may cancel until the money is authorized'),
        order('is final once it is complete or cancelled, whatever happens'),
        payment('cannot be begun again once it is over'),
      ],
    },
    'V2.3.2': {
      about: 'Limits hold as documented',
      tests: [
        limits('are no more under ten concurrent requests, and are all to be had'),
        limits('are no more under ten concurrent requests, for tickets and shows'),
        limits('is possible so many times a day, for a ticket and for a show'),
        testsIn('orders/src/waiting/joining.test.ts')(
          'is possible for so many kinds at a time, however many are asked for at once',
        ),
      ],
    },
    'V2.3.3': {
      about: 'All of an operation happens, or nothing',
      tests: [
        testsIn('common/src/store/aggregates.test.ts')('writes and announces nothing when the decision fails'),
        testsIn('orders/src/shows/crowded.test.ts')(
          'hold each of thirty tickets once, whole orders only, and are refused only because too few are left',
        ),
        testsIn('payments/src/sale.test.ts')(
          'ends paid and complete, or refunded as its seller wants, or cancelled and free, whatever happens in whatever order',
        ),
      ],
    },
    'V2.3.4': {
      about: 'Nothing limited is sold twice',
      tests: [
        orders('lets one of 50 buyers through, who ask two replicas at once'),
        testsIn('e2e/show-sale.test.ts')('is sold to the last ticket, none of them twice, while processes are killed'),
        testsIn('orders/src/resale/races.test.ts')('exactly one has a seat of a show'),
      ],
    },
    'V2.4.1': {
      about: 'Programs cannot overuse what is costly',
      tests: [
        requests('is limited in changes per minute, but not in reads, and does not affect others'),
        testsIn('e2e/local/gateway.test.ts')('answers a bounded number of requests of one address at a time'),
        testsIn('tickets/src/shows/shows.test.ts')(
          'has to wait for the tickets of many large shows before announcing another',
        ),
        testsIn('auth/src/guessing.test.ts')(
          'from one network is limited across all accounts, whatever its headers claim, without affecting other networks',
        ),
        testsIn('auth/src/sign-in.test.ts')('allows a limited number of new accounts per address'),
      ],
    },
  },
};
