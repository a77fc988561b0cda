import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

/** Passkeys on our own pages, and none of what else a page could ask a device for. */
const permissions = [
  ...['camera', 'microphone', 'geolocation'].map((feature) => `${feature}=()`),
  ...['publickey-credentials-create', 'publickey-credentials-get'].map((feature) => `${feature}=(self)`),
].join(', ');

const config: NextConfig = {
  // Several platforms may run from one checkout, each with a build folder of its own.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  output: 'standalone',
  // The tests build the shop after their own check of the types.
  typescript: { ignoreBuildErrors: process.env.TYPES_ARE_CHECKED === '1' },
  outputFileTracingRoot: repositoryRoot,
  experimental: {
    // Nobody debugs into dependencies, and reading their source maps takes a tenth of the first page's time.
    turbopackInputSourceMaps: false,
    // Pages are only read (see proxy.ts), but by default the framework buffers up to 10 MB of body before calling the
    // proxy.
    proxyClientMaxBodySize: '1kb',
  },
  turbopack: { root: repositoryRoot },
  // The contracts are TypeScript sources of the same repository.
  // Bundling it would take a quarter of the first page's compile time; Node loads it faster.
  serverExternalPackages: ['zod'],
  transpilePackages: ['@box-office/common'],
  // Read at run time by a computed path, which the bundler cannot detect.
  outputFileTracingIncludes: {
    '/api/docs/**': ['../docs/openapi/*.json'],
  },
  // In development the shop is opened through the gateway, under either name or the machine's address.
  allowedDevOrigins: ['127.0.0.1', 'localhost', process.env.DEV_ORIGIN ?? 'localhost'],
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          // Most are set by the gateway, for all that it answers.
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Permissions-Policy', value: permissions },
        ],
      },
    ];
  },
};

export default config;
