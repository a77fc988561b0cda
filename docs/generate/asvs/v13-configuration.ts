import { type Chapter, testsIn } from './requirement.ts';

const env = testsIn('infra/local/service-env.test.ts');
const forbidden = testsIn('forbidden.test.ts');
const images = testsIn('e2e/images/images.test.ts');
const locks = testsIn('e2e/nats-locks.test.ts');
const verify = testsIn('e2e/verify/verify.slow.test.ts');
const sound = verify('finds no fault in %s');
const planted = verify('finds $what');
const own = locks('calls of JetStream’s API only what it needs, on its own stream and consumers');

export const configuration: Chapter = {
  title: 'Configuration',
  requirements: {
    'V13.1.1': { about: 'Documented: who connects to whom', tests: [sound, planted] },
    'V13.2.1': {
      about: 'Services authenticate to each other, without fixed passwords',
      open: 'identities are signed for a minute and NATS knows each service by a key pair; MongoDB knows each by a password',
    },
    'V13.2.2': {
      about: 'Each service has only the rights it needs',
      tests: [
        own,
        locks('announces nothing in the name of another, buries and retries nothing for it, and asks nothing for it'),
        testsIn('e2e/mongo-users.test.ts')(
          'gives each service, and a console that only reads, a user of its own, who connects by TLS and has its database and nothing else',
        ),
        testsIn('ops/cluster/do.test.ts')('is created for one database, and its address printed for a shell'),
        sound,
        planted,
      ],
    },
    'V13.2.3': {
      about: 'No default credentials',
      tests: [
        testsIn('common/src/config.test.ts')('of every service have no default for what only its surroundings know'),
        testsIn('ops/cluster/dev-secrets.test.ts')(
          'creates what each service and each database needs, readable only by its owner',
        ),
        locks('is let in: without a name, with an unknown key, or with another’s'),
      ],
    },
    'V13.2.4': {
      about: 'A list of what services may connect to',
      tests: [sound, planted, forbidden('asks only addresses that its settings name')],
    },
    'V13.2.5': { about: 'A list of what the gateway may connect to', tests: [sound, planted] },
    'V13.3.1': {
      about: 'Secrets are managed, and in no source or image',
      tests: [
        planted,
        images('keeps everything that is not listed away from Docker, also what git knows and local secrets'),
      ],
    },
    'V13.3.2': {
      about: 'Each has only its own secrets',
      tests: [env('gives the signing keys only to auth, and those of Stripe only to payments'), sound],
    },
    'V13.4.1': {
      about: 'No data of git in what is deployed',
      tests: [images('keeps everything that is not listed away from Docker, also what git knows and local secrets')],
    },
    'V13.4.2': {
      about: 'No debug mode in production',
      tests: [
        images('runs what is deployed in the mode of production'),
        testsIn('client/src/lib/csp.test.ts')('forbids eval outside development'),
        testsIn('common/src/http/requests.test.ts')(
          'on our side is answered 500 without detail, and is logged with its error id',
        ),
      ],
    },
    'V13.4.3': { about: 'No lists of folders', tests: [testsIn('e2e/pages.test.ts')('lists no folder')] },
    'V13.4.4': {
      about: 'No TRACE',
      tests: [
        testsIn('e2e/local/gateway.test.ts')('leads nobody to the pages with %s'),
        testsIn('common/src/http/http.test.ts')(
          'that a path does not support is answered 405 with a list of those it supports',
        ),
      ],
    },
    'V13.4.5': {
      about: 'Monitoring is not public',
      tests: [
        testsIn('docs/generate/openapi.test.ts')('is documented for nobody else'),
        testsIn('e2e/attack/attacks/paths.ts')(
          'a path gets nobody further than the table of routes says, however it is written',
        ),
        sound,
      ],
    },
  },
};
