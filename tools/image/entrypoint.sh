#!/bin/sh
# The entry point on a base image without Lambda's own. The argument is the handler, for example handler.handler.
export PYTHONPATH=/var/runtime
exec python3 -m awslambdaric "$@"
