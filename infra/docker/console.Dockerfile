# The console: docker build -f infra/docker/console.Dockerfile -t box-office/console .
ARG NODE_IMAGE=node:24.21.0-alpine

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# npm asks for every workspace that the lockfile names.
COPY auth/package.json auth/
COPY tickets/package.json tickets/
COPY orders/package.json orders/
COPY payments/package.json payments/
COPY expiration/package.json expiration/
COPY mail/package.json mail/
COPY client/package.json client/
COPY common/package.json common/
COPY stripe-sandbox/package.json stripe-sandbox/
COPY infra/local/package.json infra/local/
COPY ops/package.json ops/
COPY console/package.json console/
COPY docs/generate/package.json docs/generate/
COPY new-service/package.json new-service/
COPY e2e/package.json e2e/

FROM manifests AS dependencies
RUN npm ci --omit=dev --ignore-scripts --workspace=@box-office/console && npm cache clean --force

FROM manifests AS pages
RUN npm ci --ignore-scripts --workspace=@box-office/console && npm cache clean --force
# The bundler reads the compiler's settings.
COPY tsconfig.json ./
# The pages take the types of the API from the sources.
COPY console/src console/src
COPY console/pages console/pages
RUN node node_modules/vite/bin/vite.js build --config console/pages/vite.config.ts --outDir /app/built --logLevel error console/pages

FROM ${NODE_IMAGE} AS console
ENV NODE_ENV=production PAGES_DIR=/app/pages
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY common/package.json common/
COPY ops/package.json ops/
COPY orders/package.json orders/
COPY tickets/package.json tickets/
COPY console/package.json console/
# It reads what the services store, with what they know of it themselves.
COPY common/src common/src
COPY orders/src orders/src
COPY tickets/src tickets/src
COPY ops/audit ops/audit
COPY console/src console/src
COPY --from=pages /app/built pages
USER 1000:1000
WORKDIR /app/console
# As small as infra/local/console.ts has it.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--max-old-space-size=36", "--optimize-for-size", "src/main.ts"]
