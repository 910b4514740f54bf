# The container images: `lambda`, the function on Lambda's base image or on any base image with Python and venv, and
# `local`, the server of compose.yaml.
#
#   docker build --target lambda .     build the function's image; docs/operations.md has its options
#   docker compose up --build          build and start the local server
#
# The final stages only copy files from the build stage. So an image for another architecture needs no emulation, and
# the same input gives the same files (docs/decisions/0014-image.md).
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13
ARG NODE_IMAGE=public.ecr.aws/docker/library/node:22-slim

# Swagger UI for the page /docs. Without this stage: `--build-context assets=node_modules`, after `npm ci`.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS assets
WORKDIR /assets
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --omit=optional \
 && mv node_modules/swagger-ui-dist /

FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS build
ARG TARGETARCH
WORKDIR /build
# Use the pip of the base image if it has one (Lambda), or install pip into the venv (Debian).
RUN if python3 -c "import pip" 2>/dev/null; then python3 -m venv --system-site-packages --without-pip /venv; \
    else python3 -m venv /venv; fi
COPY requirements.txt requirements-photos.txt requirements-lock.txt requirements-local.txt handler.py LICENSE ./
COPY tools tools
# A constraint gives the pinned version. Only uv is needed of these packages.
RUN /venv/bin/python -m pip install -q --disable-pip-version-check --constraint tools/requirements/package.txt uv
COPY infra/table.yml infra/
COPY api api
COPY --from=assets /swagger-ui-dist node_modules/swagger-ui-dist
RUN /venv/bin/python -m tools.image.contents "${TARGETARCH}" /out

FROM ${BASE_IMAGE} AS task
LABEL org.opencontainers.image.title="Clowder" \
      org.opencontainers.image.description="The backend of a cat café and rescue" \
      org.opencontainers.image.licenses="Apache-2.0"
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
COPY --from=build /out/root /
ENTRYPOINT ["/lambda-entrypoint.sh"]
CMD ["handler.handler"]
