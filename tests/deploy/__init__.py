"""Tests of the deployment artefacts: their contents, the handler and the logs."""
