#!/usr/bin/env bash
# What is shared by all VNFs of a host may break too: locks of shared memory left locked, the dataplane hung or killed, a
# manager killed in the middle of an operation (docs/faults.md).
# DATAPLANE_FAULTS, ORCHESTRATOR_FAULTS, MANAGER_FAULTS: how many kills. FAULT_REPORT: as fault.sh.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
. tests/fault/lib.sh
. tests/fault/stories.sh
tests=11
plan $tests
need_root
need_huge_pages 256
report=${FAULT_REPORT:-$tmp/report}
edge=(--client "rg$$-client" --server "rg$$-server")

check "the plug-in that misbehaves is built" faulty_build
check "the platform comes up" fault_platform_up
check "a chain between two hosts is made" edge_up
same "one that dies as a reader of shared memory's map harms nobody" "" "$(story_reader)"
same "the lock of DPDK's lists, left locked, has the host rebuilt" "" "$(story_lock die-with-tailqs "the tail queues" 2>>"$report")"
same "that of the heap too" "" "$(story_lock die-in-heap "the heap" 2>>"$report")"
same "a dataplane that hangs is ended and rebuilt" "" "$(story_dataplane_hangs 2>>"$report")"
python3 tests/fault/dataplane.py --times "${DATAPLANE_FAULTS:-1}" "${edge[@]}" >"$tmp/dataplane" 2>>"$tmp/log"
cat "$tmp/dataplane" >>"$report"
same "a dead dataplane is rebuilt with all that was on it" "" "$([ -s "$tmp/dataplane" ] || tail -5 "$tmp/log")$(jq -r '.violations.rebuilt[]' "$tmp/dataplane" 2>&1)"
same "an orchestrator that dies in the middle leaves nothing half-done" "" "$(story_orchestrator "${ORCHESTRATOR_FAULTS:-2}")"
python3 tests/fault/managers.py --kills "${MANAGER_FAULTS:-3}" "${edge[@]}" >"$tmp/managers" 2>>"$tmp/log"
cat "$tmp/managers" >>"$report"
same "a manager that dies in the middle of any operation leaves what the store says" "" "$(jq -r '.violations | del(.loss) | .[][]' "$tmp/managers" 2>&1 | head -20)"
same "and not one packet of a service that runs is lost" "0 []" "$(jq -r '"\(.lostPerKill.sum) \(.violations.loss)"' "$tmp/managers" 2>&1)"
[ "$t_failed" -gt 0 ] && tail -20 "$tmp/log" | sed 's/^/# /'
exit 0
