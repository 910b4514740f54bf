"""Deploys the café, and takes back what does not work: what CI runs, and what the rehearsal runs.

The parts: ``order`` is what is asked for, ``preflight`` finds what would fail before anything is changed, ``artefact``
is what runs, ``osls`` is the serverless CLI, ``stack`` knows what is live, and ``release`` deploys, tries and rolls
back.
"""
