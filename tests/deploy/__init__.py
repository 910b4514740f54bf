"""The artefact that is deployed: its contents, its handler and its logs."""
