#!/usr/bin/env bash
# What a fork takes for a packet, by the number of rules: bench/steer.c.
build=${BUILD:-build}
exec "$build/bench/steer"
