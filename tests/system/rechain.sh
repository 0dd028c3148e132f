#!/usr/bin/env bash
# A VNF is inserted into running chains, replaced by one of another type and removed, again and again: no packet is lost, doubled
# or overtaken, nothing else is touched. CYCLES: how often. RECHAIN_KILLS: changes in the middle of which somebody is killed.
# LOAD: rate of the generator; REST: seconds without changes first, to compare with. FAULT_REPORT: a file that gets the figures as a JSON line.
. "$(dirname "$0")/../lib/system.sh"
. tests/fault/lib.sh
tests=10
plan $tests
need_root
need_huge_pages 384
unset RENGA_PLUGINS

host client eth0 10.0.0.10/24 10.0.0.1 "fl$$"
host server eth0 198.51.100.10/24 198.51.100.1 "fw$$"
check "the platform comes up" fault_platform_up
python3 tests/fault/rechain.py --cycles "${CYCLES:-2}" --kills "${RECHAIN_KILLS:-3}" --rate "${LOAD:-20k}" --rest "${REST:-0}" \
	--client "rg$$-client" --server "rg$$-server" --lan "fl$$" --wan "fw$$" >"$tmp/rechain" 2>"$tmp/rechain.log"
[ -n "$FAULT_REPORT" ] && cat "$tmp/rechain" >>"$FAULT_REPORT"
found() { jq -r --arg kind "$1" '.violations[$kind][]' "$tmp/rechain" 2>&1 | head -20; }
same "the suite ran to its end" "" "$([ -s "$tmp/rechain" ] || tail -5 "$tmp/rechain.log")"
same "every change is carried out" "" "$(found applied)"
same "no datagram and no packet of the load is lost or doubled" "" "$(found loss)"
same "none is overtaken" "" "$(found order)"
same "every buffer is accounted for" "" "$(found audit)"
same "every session lives on" "" "$(found sessions)"
same "VNFs that stay keep their processes" "" "$(found processes)"
same "the dataplane has the links and VNFs that are wanted, whoever dies" "" "$(found chain)"
same "nothing is left behind" "" "$(found leftovers)"
[ "$t_failed" -gt 0 ] && tail -20 "$tmp/rechain.log" | sed 's/^/# /'
exit 0
