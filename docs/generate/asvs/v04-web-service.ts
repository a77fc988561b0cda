import { type Chapter, none, testsIn } from './requirement.ts';

const gateway = testsIn('e2e/local/gateway.test.ts');
const http = testsIn('common/src/http/http.test.ts');

export const webService: Chapter = {
  title: 'API and web service',
  requirements: {
    'V4.1.1': {
      about: 'Every body has its true Content-Type, with the charset',
      tests: [
        http('%s is refused'),
        testsIn('tickets/src/shows/sales.test.ts')('come as CSV too, to who asks for it'),
        testsIn('common/src/http/requests.test.ts')('is answered with its code and sentence'),
      ],
    },
    'V4.1.2': {
      about: 'Only pages redirect from http to https',
      open: 'port 80 redirects everything, also the API ([the gateway’s doors](../infra/k8s-setup/README.md#the-doors-of-the-gateway)); cookies are Secure, so a browser sends none there',
    },
    'V4.1.3': {
      about: 'Callers cannot set what the gateway says',
      tests: [
        gateway('puts the signed identity in place of what the caller sent, and keeps the session to itself'),
        gateway('does not trust the X-Forwarded-* headers of callers'),
        gateway('refuses the header %s, which some servers read as another'),
        gateway('drops every credential on the way to what is public'),
      ],
    },
    'V4.2.1': {
      about: 'Everybody agrees where a request ends',
      tests: [
        testsIn('e2e/attack/attacks/framing.ts')(
          'a request has one beginning and one end, whoever reads it, and a connection that is kept busy ends',
        ),
      ],
    },
    ...none('there is no GraphQL', {
      'V4.3.1': 'Queries are bounded',
      'V4.3.2': 'No introspection',
    }),
    ...none('there are no WebSockets', {
      'V4.4.1': 'WebSockets over TLS',
      'V4.4.2': 'The Origin of a handshake is checked',
      'V4.4.3': 'Tokens of WebSockets are like sessions',
      'V4.4.4': 'They come from the session',
    }),
  },
};
