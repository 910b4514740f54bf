"""The café's tests: rules, API on mocked AWS, the real engine, the artefact, the browser, the architecture."""
