"""Deployment of a stage, as CI, operators and the rehearsal run it.

- ``osls`` runs the serverless CLI. Its plugin (tools/serverless/) checks the deployment and builds the package.
- ``serverless_config`` reads serverless.yml, ``options`` the command line, ``artefact`` the package.
- ``stack`` reads the state of the CloudFormation stack.
- ``release`` deploys, runs the ``smoke`` test and rolls back on failure.
"""
