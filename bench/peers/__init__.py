"""The peers that Clowder is compared with. Each folder has a handler in the style of its framework, and its pins.

These modules are not imported from here. ``bench/peer_packages.py`` copies each folder and ``shared/`` to a deployment.
"""
