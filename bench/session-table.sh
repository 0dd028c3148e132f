#!/usr/bin/env bash
# Lookups in the SDK's session table against rte_hash: bench/session_table.c.
build=${BUILD:-build}
exec "$build/bench/session_table"
