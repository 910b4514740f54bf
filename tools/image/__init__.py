"""Builds the container image with buildah, which needs no daemon. The same input gives the same digest.

``build`` builds the targets of the Dockerfile with ``buildah``; the build runs ``contents``, which creates the files of
the image. ``base`` creates a base image on a machine that cannot pull one from a registry.
"""
