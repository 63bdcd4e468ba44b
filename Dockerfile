# The app alone: no PostgreSQL inside, DATABASE_URL is required. Builds without a database (.sqlx) and
# without node; the cache mounts need BuildKit.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /src
COPY . .
ENV SQLX_OFFLINE=true
# The binary leaves the cached folder in the same step, or it would stay behind with the cache.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin productops && cp target/release/productops /productops

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --gid 10001 productops \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/productops --no-create-home --shell /usr/sbin/nologin productops \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/productops
COPY --from=build /productops /usr/local/bin/productops
USER 10001
ENV PRODUCTOPS_ADDR=0.0.0.0:8080 PRODUCTOPS_DATA_DIR=/var/lib/productops LOG_FORMAT=json
# The mirror's file: the one thing the app writes, so that the rest can be read-only.
VOLUME /var/lib/productops
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["productops", "health"]
ENTRYPOINT ["productops"]
