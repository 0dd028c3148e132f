#!/usr/bin/env bash
# What the platform is to reach, each row measured beside its target: bench/suite/reach.py.
PYTHONPATH=$(dirname "$0") PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -m suite.reach "$@"
