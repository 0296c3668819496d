# Not run by the people who wrote it: there was no container runtime on their machines. Built from the same steps as npm start.
FROM node:20-bookworm-slim AS build
WORKDIR /yihu
COPY . .
RUN node server/start.mjs --build-only && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
WORKDIR /yihu
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data DEMO=0
# PostgreSQL (embedded profile) refuses to run as root, and nothing here needs to.
RUN useradd --system --home /data --create-home yihu
COPY --from=build --chown=yihu /yihu /yihu
USER yihu
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD node -e "fetch('http://127.0.0.1:'+process.env.PORT+'/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
# The server ends everything it started on SIGTERM.
CMD ["node", "--enable-source-maps", "dist/server/main.js"]
