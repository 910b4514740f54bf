"""Deploys the café, and takes back what does not work: what CI runs, and what the rehearsal runs.

The parts: ``service`` reads what serverless.yml says of the stages, ``order`` is what is asked for, ``preflight`` finds
what would fail before anything is changed, ``artefact`` is what is to run, ``osls`` is the serverless CLI, ``stack``
knows what is live, and ``release`` deploys, tries and goes back.
"""
