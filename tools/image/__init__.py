"""Builds the container image with buildah, which needs no daemon: the same digest from the same input.

The parts: ``fill`` runs inside the build and makes what the image holds, ``mounts`` lends the build this machine's way
to the package index, ``base`` makes a base image where there is no registry to fetch one from, ``buildah`` runs it.
"""
