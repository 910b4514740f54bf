#!/bin/sh
# The entry point over a base without Lambda's own: the argument is the handler, as in handler.handler.
export PYTHONPATH=/var/runtime
exec python3 -m awslambdaric "$@"
