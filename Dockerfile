# Not built by `.ci/run`, which has no container runtime; the job `image` of the workflow builds it.
#
#   docker build --tag call-log .
#   docker run --rm --read-only --env-file call-log.env --publish 8080:8080 call-log serve

# On Alpine, Rust links against musl: one static program.
FROM rust:1.95-alpine AS build
# SQLite and ring are compiled from C. Alpine keeps only the newest build of a package, so a pinned one soon fails to install.
# hadolint ignore=DL3018
RUN apk add --no-cache ca-certificates gcc make musl-dev
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --locked --release --package service --bin call-log \
    && install -D target/release/call-log /out/call-log

# The program and the certificates of public authorities: no shell, no package manager, no root.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/call-log /usr/local/bin/call-log
# A number, because Kubernetes cannot check `runAsNonRoot` against a name.
USER 65532:65532
# Settings come from the environment. The program shuts down cleanly on SIGTERM.
STOPSIGNAL SIGTERM
EXPOSE 8080
ENV CALL_LOG_LISTEN=0.0.0.0:8080
ENTRYPOINT ["/usr/local/bin/call-log"]
CMD ["serve"]
