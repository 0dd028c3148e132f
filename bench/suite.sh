#!/usr/bin/env bash
# The benchmark of the platform: throughput at zero loss, loss, latency, cycles, CPU; comparisons in the same run. `--help` tells of
# options; LONG=1 is the long run. docs/benchmarks/README.md says how to read what it prints.
PYTHONPATH=$(dirname "$0") PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -m suite "$@"
