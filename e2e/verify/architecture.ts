import { onTheBus, served, serviceNames, storing } from '../../services.ts';
import type { Cluster } from './tree.ts';

const everywhere = [
  // The gateway and what it routes to.
  '* -> traefik:8080',
  '* -> traefik:8443',
  ...served.map((name) => `traefik -> ${name}:3000`),
  'traefik -> client:3000',
  // The API server, for its routes.
  'traefik -> *:443',
  'traefik -> *:6443',
  'client -> traefik:8082',
  // cert-manager: the API server asks the webhook, and all three ask the API server; Let's Encrypt and DigitalOcean are
  // at 443.
  '* -> cert-manager-webhook:10250',
  ...['cert-manager', 'cert-manager-cainjector', 'cert-manager-webhook'].flatMap((name) => [
    `${name} -> *:443`,
    `${name} -> *:6443`,
    `${name} -> dns:53`,
  ]),
  // Services that trust identities need auth's public keys.
  ...served.filter((name) => name !== 'auth').map((name) => `${name} -> auth:3000`),
  // Services that publish or listen.
  ...[...onTheBus, 'keeper'].map((name) => `${name} -> nats:4222`),
];

/** Every pod resolves names. */
const lookups = (names: readonly string[]) => names.map((name) => `${name} -> dns:53`);
const own = [...serviceNames, 'client', 'nats', 'keeper'];

/** The allowed connections in each cluster; no others may exist. */
export const architecture: Readonly<Record<Cluster, readonly string[]>> = {
  dev: [
    ...everywhere,
    ...storing.map((name) => `${name} -> mongo-${name}:27017`),
    // In place of Stripe.
    'payments -> stripe-sandbox:3000',
    'traefik -> stripe-sandbox:3000',
    'stripe-sandbox -> traefik:8080',
    // A stand-in for Let's Encrypt.
    'cert-manager -> pebble:14000',
    'cert-manager -> nameserver:5353',
    'pebble -> nameserver:5353',
    'pebble -> dns:53',
    ...lookups([...own, ...storing.map((name) => `mongo-${name}`), 'stripe-sandbox', 'traefik']),
  ],
  prod: [
    ...everywhere,
    // Managed databases, by their private addresses.
    ...storing.map((name) => `${name} -> 10.0.0.0/8:27017`),
    // Stripe.
    'payments -> 0.0.0.0/0:443',
    // A mail server.
    'mail -> 0.0.0.0/0:465',
    'mail -> 0.0.0.0/0:587',
    'nats -> nats:6222',
    ...lookups([...own, 'traefik']),
  ],
};
