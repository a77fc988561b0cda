# The shop: docker build -f infra/docker/client.Dockerfile -t box-office/client .
ARG NODE_IMAGE=node:24.21.0-alpine

FROM ${NODE_IMAGE} AS sources
ENV NEXT_TELEMETRY_DISABLED=1
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# npm asks for every workspace that the lockfile names.
COPY auth/package.json auth/
COPY tickets/package.json tickets/
COPY orders/package.json orders/
COPY payments/package.json payments/
COPY expiration/package.json expiration/
COPY mail/package.json mail/
COPY --chown=1000:1000 client/package.json client/
COPY common/package.json common/
COPY stripe-sandbox/package.json stripe-sandbox/
COPY infra/local/package.json infra/local/
COPY ops/package.json ops/
COPY console/package.json console/
COPY docs/generate/package.json docs/generate/
COPY new-service/package.json new-service/
COPY e2e/package.json e2e/
RUN npm ci --ignore-scripts --workspace=@box-office/client && npm cache clean --force
COPY tsconfig.json services.ts ./
COPY docs/openapi docs/openapi
COPY --chown=1000:1000 common/src common/src
COPY --chown=1000:1000 client/next.config.ts client/tsconfig.json client/
COPY --chown=1000:1000 client/src client/src

# For a development cluster: pages are compiled on request, and again when a file is saved. Selected with --target.
FROM sources AS development
USER 1000:1000
WORKDIR /app/client
ENTRYPOINT ["node", "../node_modules/next/dist/bin/next", "dev"]

FROM sources AS built
WORKDIR /app/client
RUN node ../node_modules/next/dist/bin/next build

FROM ${NODE_IMAGE} AS shop
ENV NODE_ENV=production
WORKDIR /app
COPY --from=built /app/client/.next/standalone ./
COPY --from=built /app/client/.next/static client/.next/static
USER 1000:1000
ENTRYPOINT ["node", "client/server.js"]
