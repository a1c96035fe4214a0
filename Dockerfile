# One image for every role: ROLE says which. It holds the compiled shop, the packages that it needs to run, package.json,
# whose "imports" lead from #src to dist, and the command line for analysts.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src src
COPY projections projections
# typescript stays as an optional peer of @nestjs/swagger, which needs it only for building.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/typescript

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    OPS_PORT=3001 \
    DATA_DIR=/data
WORKDIR /app
# A volume that is mounted here takes over the owner of the folder.
RUN install --directory --owner=node --group=node --mode=0700 /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The command line of analysts: chronocart history …
COPY bin bin
COPY scripts/build.mjs scripts/
RUN ln -s /app/bin/chronocart.mjs /usr/local/bin/chronocart
USER node
EXPOSE 3000 3001
# Whether it lives, not whether it is ready: who restarts what is unhealthy must not restart it because a server is away.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.OPS_PORT, path: '/health/live', timeout: 4000 }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('timeout', () => process.exit(1)).on('error', () => process.exit(1))"]
# Node itself gets the signals: npm does not hand them on. New objects get up to three times 16 MB, as in Node.js 20; later releases take 90 MB more.
CMD ["node", "--max-semi-space-size=16", "dist/src/main.js"]
