"""Creates the content of the container images, in the build stage of the Dockerfile."""
