"""The development server: `make run`, `make token` and `make demo-reset`, with the DynamoDB emulator Dynoxide."""
