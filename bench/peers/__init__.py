"""What Clowder is compared with: a folder for each, with its handler as its own users would write it, and its pins.

None of it is imported here: ``bench/installed.py`` puts each beside its packages, with ``shared/``, as it is deployed.
"""
