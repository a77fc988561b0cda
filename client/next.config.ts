import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

const config: NextConfig = {
  // Two platforms may run from one checkout; each needs a folder of its own to build into.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  output: 'standalone',
  outputFileTracingRoot: repositoryRoot,
  experimental: {
    // Nobody debugs into what other packages were written in; reading their source maps is a tenth of the first page's time.
    turbopackInputSourceMaps: false,
    // Pages are only read (see proxy.ts). The framework keeps a body in memory before it asks the proxy, 10 MB of it unless told.
    proxyClientMaxBodySize: '1kb',
  },
  turbopack: { root: repositoryRoot },
  // The contracts are TypeScript sources of the same repository.
  // Node loads it faster than it can be bundled: a quarter of the time that the first page takes to compile.
  serverExternalPackages: ['zod'],
  transpilePackages: ['@box-office/common'],
  // Read by name while serving, which no bundler can see.
  outputFileTracingIncludes: {
    '/api/docs/**': ['../docs/openapi/*.json'],
  },
  // In development people open the shop through the gateway, under either name or by the machine's address.
  allowedDevOrigins: ['127.0.0.1', 'localhost', process.env.DEV_ORIGIN ?? 'localhost'],
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'X-Frame-Options', value: 'DENY' },
          // A bank's page may still open in a window of its own.
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin-allow-popups' },
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
          { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
        ],
      },
    ];
  },
};

export default config;
