#!/usr/bin/env bash
# Cycles per packet of each VNF, by routes, rules and sessions: bench/vnf_cycles.c. PACKETS makes it longer.
build=${BUILD:-build}
exec "$build/bench/vnf_cycles" --packets "${PACKETS:-1048576}" "$@"
