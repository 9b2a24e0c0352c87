# The server in an image without a shell, a package manager or root.
#
#   docker build --build-arg GIT_COMMIT="$(git rev-parse HEAD)" -t nats-server-deno .
#   docker run -p 4222:4222 nats-server-deno
#   docker run -p 4222:4222 -v ./my.conf:/etc/nats/nats-server.conf:ro nats-server-deno

ARG DENO_VERSION=2.9.6

# Deno alone, for the final image.
FROM denoland/deno:bin-${DENO_VERSION} AS deno

# The bundle: three JavaScript files that need nothing but Deno.
FROM denoland/deno:${DENO_VERSION} AS build
WORKDIR /build
COPY deno.json deno.lock main.ts ./
COPY src ./src
COPY tests/tools ./tests/tools
ARG GIT_COMMIT=""
RUN deno run -A --frozen tests/tools/bundle.ts --outdir /build/dist --commit "${GIT_COMMIT}"

# The C library that Deno is linked with, certificates of public authorities,
# the user `nonroot` (65532), and nothing else.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=deno /deno /usr/local/bin/deno
COPY --from=build /build/dist/nats-server.js /build/dist/bcrypt_worker.js /build/dist/health_check.js /opt/nats/
COPY conf/minimal.conf /etc/nats/nats-server.conf

USER 65532:65532
WORKDIR /tmp
# Nothing is downloaded or cached: the file system may be read-only.
ENV DENO_NO_UPDATE_CHECK=1 NATS_HEALTH_ADDRESS=127.0.0.1:4222
EXPOSE 4222

# All that the server may do. It runs no programs here: signals come from the
# container's runtime (`docker kill --signal HUP`), so --allow-run is missing.
ENTRYPOINT ["deno", "run", "--no-config", "--no-lock", "--no-code-cache", "--cached-only", "--no-prompt", "--unstable-net", "--v8-flags=--max-semi-space-size=4", "--allow-net", "--allow-read", "--allow-write", "--allow-sys", "--allow-env", "/opt/nats/nats-server.js"]
CMD ["-c", "/etc/nats/nats-server.conf"]

# Healthy is who greets a client. There is no shell for it, so Deno runs it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 \
  CMD ["deno", "run", "--no-config", "--no-lock", "--no-code-cache", "--cached-only", "--no-prompt", "--allow-net", "--allow-env=NATS_HEALTH_ADDRESS", "/opt/nats/health_check.js"]
