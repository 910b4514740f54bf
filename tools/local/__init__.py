"""The server for development: `make run`, `make token` and `make demo-reset`, on the DynamoDB emulator Dynoxide."""
