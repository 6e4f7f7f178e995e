# UNTESTED: written without a container runtime at hand, so nobody has built this yet. See docs/service.md.
#
#   docker build --tag call-log .
#   docker run --rm --read-only --env-file call-log.env --publish 8080:8080 call-log serve

# On Alpine, Rust links against musl: one static program.
FROM docker.io/library/rust:1.95-alpine AS build
# SQLite and ring are compiled from C.
RUN apk add --no-cache gcc make musl-dev
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --locked --release --package service --bin call-log \
    && install -D target/release/call-log /out/call-log

# Certificates of the public authorities, a user that is not root, and nothing else: no shell, no package manager.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/call-log /usr/local/bin/call-log
USER nonroot:nonroot
# Settings come from the environment; a SIGTERM ends it in good order.
STOPSIGNAL SIGTERM
EXPOSE 8080
ENV CALL_LOG_LISTEN=0.0.0.0:8080
ENTRYPOINT ["/usr/local/bin/call-log"]
CMD ["serve"]
