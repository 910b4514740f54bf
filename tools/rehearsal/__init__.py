"""Rehearsal of a deployment on a local AWS: deploy, update, roll back, restore and remove.

- ``ministack`` runs the local AWS, ``environment`` is the stage on it.
- ``deployer`` creates a user with the permissions of CI, ``variants`` creates other versions of the package.
- ``scenario`` has the steps, ``probes`` the checks that they share, ``photos`` the uploads.
"""
