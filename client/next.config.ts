import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

const config: NextConfig = {
  // The contracts are TypeScript sources in the same repository.
  transpilePackages: ['@box-office/common'],
  outputFileTracingRoot: repositoryRoot,
  turbopack: { root: repositoryRoot },
  outputFileTracingIncludes: {
    '/api/docs/**': ['./node_modules/swagger-ui-dist/*', '../node_modules/swagger-ui-dist/*', '../docs/openapi/*.json'],
  },
  output: 'standalone',
  // The local gateway is reached under both names.
  allowedDevOrigins: ['127.0.0.1', 'localhost'],
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  typescript: { ignoreBuildErrors: false },
};

// biome-ignore lint/style/noDefaultExport: Next.js reads the default export
export default config;
