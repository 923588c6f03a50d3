# Needs BuildKit: before Docker 23, set DOCKER_BUILDKIT=1.
# Build for this machine:   docker build --build-arg VERSION=$(git describe --tags --always) -t notifer .
# Build for all of them:    docker buildx build --platform linux/amd64,linux/arm64,linux/arm/v7,linux/arm/v6 --push -t REGISTRY/notifer .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS=linux TARGETARCH TARGETVARIANT VERSION=
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# GOARM defaults to 7, which a Pi Zero cannot run: the platform's variant decides.
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH GOARM=${TARGETVARIANT#v} .ci/build /out/notifer "$VERSION" \
    && mkdir -m 700 /out/data

FROM scratch
ARG VERSION=
LABEL org.opencontainers.image.title="Notifer" \
    org.opencontainers.image.description="Self-hosted notification server" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="$VERSION"
COPY --from=build /out/notifer /notifer
# An empty volume takes its owner and mode from this directory.
COPY --from=build --chown=65532:65532 --chmod=700 /out/data /data
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# The time zones that people choose for their pages; elsewhere the system has them.
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip
ENV ZONEINFO=/zoneinfo.zip
USER 65532:65532
ENV NOTIFER_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/notifer", "health"]
ENTRYPOINT ["/notifer"]
CMD ["serve"]
