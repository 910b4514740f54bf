"""Deploys the café onto an AWS on this machine, breaks it, brings it back, and removes it.

The parts: ``ministack`` is that AWS, ``stage`` is what is deployed there and who talks to it, ``deployer`` is who
deploys, ``variants`` makes packages that do not work, ``steps`` is what happens, in order, and ``looks`` is what they
look at.
"""
