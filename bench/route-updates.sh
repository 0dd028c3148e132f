#!/usr/bin/env bash
# A routing table that changes while it is looked up: bench/route_updates.c. PREFIXES: a file with one prefix a line, perhaps .gz;
# default: the real IPv4 table beside the repository, if it is there.
build=${BUILD:-build}
prefixes=${PREFIXES:-../shared/data/prefixes/ipv4-2002.txt.gz}
case $prefixes in
*.gz) [ -f "$prefixes" ] && exec "$build/bench/route_updates" <(zcat "$prefixes") ;;
*) [ -f "$prefixes" ] && exec "$build/bench/route_updates" "$prefixes" ;;
esac
exec "$build/bench/route_updates"
