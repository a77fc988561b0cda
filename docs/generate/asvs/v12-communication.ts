import { type Chapter, none, testsIn } from './requirement.ts';

const real = testsIn('e2e/verify/tls.slow.test.ts');
const rules = testsIn('e2e/verify/tls.test.ts');
const nats = testsIn('e2e/nats-conf.test.ts');
const mongo = testsIn('e2e/mongo-users.test.ts');
const plainInside =
  'NATS and databases speak TLS only; HTTP between the gateway and services is plain, and NetworkPolicies keep others out ([threat model](threat-model.md#what-is-not-defended))';

export const communication: Chapter = {
  title: 'Communication',
  requirements: {
    'V12.1.1': {
      about: 'TLS 1.2 and 1.3 only',
      tests: [real('speaks %s, with forward secrecy'), real('does not speak %s')],
    },
    'V12.1.2': {
      about: 'Recommended cipher suites only',
      tests: [real('does not take %s'), real('speaks %s, with forward secrecy')],
    },
    ...none('nobody signs in with a certificate', { 'V12.1.3': 'Certificates of clients are checked' }),
    'V12.2.1': {
      about: 'TLS for everything from outside',
      tests: [
        real('leads %s %s from http to https'),
        rules('finds a route at %j'),
        rules('finds an entry point that lost its TLS'),
      ],
    },
    'V12.2.2': {
      about: 'Publicly trusted certificates',
      tests: [rules('is for the host that people open'), rules('comes from an issuer that exists')],
    },
    'V12.3.1': { about: 'TLS for every connection', open: plainInside },
    'V12.3.2': {
      about: 'Certificates of others are checked',
      tests: [
        testsIn('forbidden.test.ts')('never turns off the check of a certificate'),
        nats('is not taken for the bus with the certificate %s'),
      ],
    },
    'V12.3.3': { about: 'TLS between services', open: plainInside },
    'V12.3.4': {
      about: 'With certificates that are trusted, if internal by their own authority alone',
      tests: [
        nats('takes a service that trusts the authority of the cluster, and nobody without TLS'),
        nats('has servers that find each other by their certificates, and takes none with a strange one'),
        mongo(
          'gives each service, and a console that only reads, a user of its own, who connects by TLS and has its database and nothing else',
        ),
      ],
    },
  },
};
