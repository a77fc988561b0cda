import type { Manifest } from '@box-office/ops/cluster/manifests';
import { stringify } from 'yaml';
import { carefulDoors, certificateForShop, tlsFromOutside } from './tls.ts';

const http = { sanitizePath: true, encodedCharacters: { allowEncodedSlash: false } };
const secureHttp = { ...http, tls: {}, middlewares: ['traefik-transport-security@kubernetescrd'] };
const sound = {
  web: { address: ':8080', http },
  websecure: { address: ':8443', http: secureHttp },
  internal: { address: ':8082', http },
  traefik: { address: ':8081' },
};

const manifest = (kind: string, name: string, fields: object, namespace = 'traefik'): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
  ...fields,
});

const settings = (entryPoints: object) =>
  manifest('ConfigMap', 'traefik-abc', { data: { 'traefik.yml': stringify({ entryPoints }) } });
const balancer = manifest('Service', 'traefik', {
  spec: {
    type: 'LoadBalancer',
    ports: [
      { port: 80, targetPort: 'web' },
      { port: 443, targetPort: 'websecure' },
    ],
  },
});
const inside = manifest('Service', 'traefik-internal', { spec: { ports: [{ port: 80, targetPort: 'internal' }] } });
const workload = manifest('Deployment', 'traefik', {
  spec: {
    template: {
      spec: {
        containers: [
          {
            ports: [
              { name: 'web', containerPort: 8080 },
              { name: 'websecure', containerPort: 8443 },
              { name: 'internal', containerPort: 8082 },
            ],
          },
        ],
      },
    },
  },
});
const lasting = (stsSeconds: number, stsIncludeSubdomains = true) =>
  manifest('Middleware', 'transport-security', { spec: { headers: { stsSeconds, stsIncludeSubdomains } } });
const options = (minVersion: string, name = 'default') => manifest('TLSOption', name, { spec: { minVersion } });
const toHttps = manifest('Middleware', 'to-https', { spec: { redirectScheme: { scheme: 'https', permanent: true } } });
const leadsToHttps = manifest('IngressRoute', 'to-https', {
  spec: {
    entryPoints: ['web'],
    routes: [{ middlewares: [{ name: 'to-https' }], services: [{ kind: 'TraefikService', name: 'noop@internal' }] }],
  },
});
const shop = (entryPoints?: readonly string[]) =>
  manifest(
    'IngressRoute',
    'client',
    { spec: { ...(entryPoints ? { entryPoints } : {}), routes: [{ services: [{ name: 'client', port: 3000 }] }] } },
    'box-office',
  );

const cluster = [
  settings(sound),
  balancer,
  inside,
  workload,
  lasting(63_072_000),
  options('VersionTLS12'),
  toHttps,
  leadsToHttps,
  shop(['websecure', 'internal']),
];
/** The sound cluster with the object of the same kind and name replaced. */
const withOther = (...others: readonly Manifest[]) => [
  ...cluster.filter(
    (it) => !others.some(({ kind, metadata }) => it.kind === kind && it.metadata.name === metadata.name),
  ),
  ...others,
];
const without = (kind: string, name: string) =>
  cluster.filter((it) => !(it.kind === kind && it.metadata.name === name));

describe('TLS from outside', () => {
  it('finds no fault in a sound cluster', () => {
    expect(tlsFromOutside(cluster)).toEqual([]);
    expect(carefulDoors(cluster)).toEqual([]);
  });

  it.each([
    [['web', 'internal'], 'IngressRoute box-office/client can be reached from outside without TLS, at web'],
    // Without names it applies to all of them.
    [undefined, 'IngressRoute box-office/client can be reached from outside without TLS, at web'],
  ])('finds a route at %j', (entryPoints, fault) => {
    expect(tlsFromOutside(withOther(shop(entryPoints)))).toEqual([fault]);
  });

  it('finds an entry point that lost its TLS', () => {
    const plain = settings({ ...sound, websecure: { ...sound.websecure, http } });
    expect(tlsFromOutside(withOther(plain))).toEqual([
      'nothing that can be reached from outside speaks TLS',
      'IngressRoute box-office/client can be reached from outside without TLS, at websecure',
      'nothing leads from websecure to TLS',
    ]);
  });

  it('finds an internal entry point that the load balancer exposes', () => {
    const ports = [
      { port: 443, targetPort: 8443 },
      { port: 80, targetPort: 'internal' },
    ];
    expect(
      tlsFromOutside(withOther(manifest('Service', 'traefik', { spec: { type: 'LoadBalancer', ports } }))),
    ).toEqual([
      'IngressRoute box-office/client can be reached from outside without TLS, at internal',
      'nothing leads from internal to TLS',
    ]);
  });

  it.each([
    ['a redirect that is missing', without('IngressRoute', 'to-https'), 'nothing leads from web to TLS'],
    [
      'one that is not for good',
      withOther(manifest('Middleware', 'to-https', { spec: { redirectScheme: { scheme: 'https' } } })),
      'IngressRoute traefik/to-https can be reached from outside without TLS, at web',
    ],
    [
      'browsers that forget',
      withOther(lasting(3600)),
      'websecure does not tell browsers for a year or longer, below its host too, to come back with TLS',
    ],
    [
      'HSTS without the hosts below the shop’s',
      withOther(lasting(63_072_000, false)),
      'websecure does not tell browsers for a year or longer, below its host too, to come back with TLS',
    ],
    ['old versions', withOther(options('VersionTLS11')), 'TLSOption traefik/default allows versions of TLS before 1.2'],
    ['no options', without('TLSOption', 'default'), 'there are 0 TLSOptions named default, not one'],
  ])('finds %s', (_what, manifests, fault) => {
    expect(tlsFromOutside(manifests)).toContain(fault);
  });
});

describe('every door', () => {
  it.each([
    ['sanitizePath', { ...secureHttp, sanitizePath: false }],
    ['encodedCharacters', { ...secureHttp, encodedCharacters: { allowEncodedSlash: true } }],
  ])('is as careful as web about %s', (_setting, careless) => {
    const entryPoints = { ...sound, websecure: { ...sound.websecure, http: careless } };
    expect(carefulDoors(withOther(settings(entryPoints)))).toEqual([
      'the entry point websecure is not as careful as web',
    ]);
  });

  it('believes as little of what callers say about themselves', () => {
    const believing = { ...sound.internal, forwardedHeaders: { insecure: true } };
    expect(carefulDoors(withOther(settings({ ...sound, internal: believing })))).toEqual([
      'the entry point internal is not as careful as web',
    ]);
  });

  it('leads through what exists', () => {
    expect(carefulDoors(without('Middleware', 'transport-security'))).toEqual([
      'the entry point websecure leads through traefik-transport-security@kubernetescrd, which does not exist',
    ]);
  });
});

describe('the certificate', () => {
  const origin = manifest('ConfigMap', 'settings-abc', { data: { PUBLIC_ORIGIN: 'https://tickets.example.com' } });
  const store = manifest('TLSStore', 'default', { spec: { defaultCertificate: { secretName: 'shop-tls' } } });
  const issuer = { ...manifest('ClusterIssuer', 'lets-encrypt', {}), metadata: { name: 'lets-encrypt' } };
  const certificate = (dnsNames: readonly string[], secretName = 'shop-tls', namespace = 'traefik') =>
    manifest(
      'Certificate',
      'shop',
      { spec: { secretName, dnsNames, issuerRef: { kind: 'ClusterIssuer', name: 'lets-encrypt' } } },
      namespace,
    );
  const right = certificate(['tickets.example.com']);

  it('is for the host that people open', () => {
    expect(certificateForShop([origin, store, issuer, right])).toEqual([]);
    expect(certificateForShop([origin, store, issuer, certificate(['shop.example.com'])])).toEqual([
      'Certificate traefik/shop is not for tickets.example.com',
    ]);
  });

  it.each([
    ['under another name', certificate(['tickets.example.com'], 'other-tls')],
    ['in another namespace', certificate(['tickets.example.com'], 'shop-tls', 'box-office')],
  ])('is not %s', (_where, elsewhere) => {
    expect(certificateForShop([origin, store, issuer, elsewhere])).toEqual([
      '0 Certificates make shop-tls, which TLSStore traefik/default shows, not one',
    ]);
  });

  it('comes from an issuer that exists', () => {
    expect(certificateForShop([origin, store, right])).toEqual([
      'Certificate traefik/shop asks lets-encrypt, which does not exist',
    ]);
  });
});
