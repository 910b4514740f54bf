# The function as a container image: the code of the zip, on Lambda's base image or on any with Python and its venv.
# A second target, `local`, is the café for compose.yaml.
#
#   make image                    the function, by buildah
#   docker compose up --build     the café
#
# Nothing runs in the stages that become images: they only take what the build stage has made, so that an image for
# another architecture needs no emulation and the same input gives the same digest (docs/decisions/0014-image.md).
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13
ARG NODE_IMAGE=public.ecr.aws/docker/library/node:22-slim
# Who brings Swagger UI, for the page /docs: `npm`, or the `context`, where make has put it.
ARG ASSETS=npm

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS assets-npm
WORKDIR /assets
COPY package.json package-lock.json ./
RUN npm install --no-save --ignore-scripts --no-audit --no-fund --omit=dev --omit=optional
WORKDIR /vendor
RUN for name in swagger-ui-bundle.js swagger-ui.css LICENSE NOTICE; do \
      cp "/assets/node_modules/swagger-ui-dist/${name}" .; \
    done \
 && gzip -9nk ./*.js ./*.css

FROM scratch AS assets-context
COPY api/web/static/vendor /vendor

# One of the two stages above, which have no tags.
# hadolint ignore=DL3006
FROM assets-${ASSETS} AS assets
# Of a stage without an instruction, buildah leaves a container behind.
WORKDIR /vendor

FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS build
ARG TARGETARCH
WORKDIR /build
# With the base's own pip, as in Lambda's base; or, where it has none, as in Debian's, with that of the venv.
RUN if python3 -c "import pip" 2>/dev/null; then python3 -m venv --system-site-packages --without-pip /venv; \
    else python3 -m venv /venv; fi
COPY requirements.txt requirements-local.txt handler.py LICENSE ./
COPY tools tools
COPY infra/table.yml infra/
COPY api api
COPY --from=assets /vendor api/web/static/vendor
RUN /venv/bin/python -m tools.image.contents "${TARGETARCH}" /out

FROM ${BASE_IMAGE} AS task
ARG VERSION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Clowder" \
      org.opencontainers.image.description="The backend of a cat café and rescue" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /out/root /
COPY --from=build /out/task /var/task
WORKDIR /var/task
USER 65532:65532

FROM task AS local
COPY --from=build /out/local /var/task
COPY --from=build --chown=65532:65532 /out/data /data
ENV HOST=0.0.0.0 PORT=5000 DATA_DIR=/data
EXPOSE 5000
VOLUME /data
ENTRYPOINT []
CMD ["python3", "-m", "tools.local"]

FROM task AS lambda
ENTRYPOINT ["/lambda-entrypoint.sh"]
CMD ["handler.handler"]
