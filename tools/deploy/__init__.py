"""Deployment of a stage, as CI, operators and the rehearsal run it.

- ``serverless_config`` reads serverless.yml, ``options`` the command line, ``artefact`` the package.
- ``preflight`` checks the requirements before anything is changed.
- ``osls`` runs the serverless CLI, ``stack`` reads the state of the CloudFormation stack.
- ``release`` deploys, runs the ``smoke`` test and rolls back on failure.
"""
