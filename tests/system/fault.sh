#!/usr/bin/env bash
# A VNF may die at any instruction, and so may the managers: kills at random instants under numbered traffic, processes
# that hang, die again and again, or write garbage (docs/faults.md).
# FAULTS, CHANGES: how many kills, upgrades and moves; LOAD: packets a second; CORES: where packets are carried.
# FAULT_REPORT: a file that gets the figures as JSON lines.
. "$(dirname "$0")/../lib/system.sh"
. tests/fault/lib.sh
. tests/fault/stories.sh
tests=27
plan $tests
need_root
need_huge_pages 384
report=${FAULT_REPORT:-$tmp/report}
edge=(--client "rg$$-client" --server "rg$$-server")

check "the plug-in that misbehaves is built" faulty_build
check "the platform comes up" fault_platform_up
stay_beside
check "a chain between two hosts is made" edge_up
check "and one with load" load_up "${LOAD:-20k}"

python3 tests/fault/kills.py --kills "${FAULTS:-25}" "${edge[@]}" >"$tmp/kills" 2>"$tmp/kills.log"
cat "$tmp/kills" >>"$report"
found() { jq -r --arg kind "$1" '.violations[$kind][]' "$tmp/kills" 2>&1 | head -20; }
same "all kills were made" "" "$([ -s "$tmp/kills" ] || tail -5 "$tmp/kills.log")"
same "after each, and right after it, no buffer is missing [COM-1 COM-8]" "" "$(found audit)"
same "every session lives on [COM-8 COM-11]" "" "$(found sessions)"
same "no more is lost than the dead held in hand; nothing by managers [COM-8]" "" "$(found loss)"
same "each has its successor [COM-8]" "" "$(found successor)"
same "VNFs do not notice the death of managers" "" "$(found managers)"
same "no process, socket or file is left behind" "" "$(found leftovers)"
# Twice if packets were lost the first time: other work on this machine may stop a stage for longer than its rings last.
for _ in 1 2; do
	python3 tests/fault/changes.py --changes "${CHANGES:-4}" --cores "${CORES:-0,1}" "${edge[@]}" >"$tmp/changes" 2>>"$tmp/kills.log"
	cat "$tmp/changes" >>"$report"
	[ -n "$(jq -r '.violations.lost[]' "$tmp/changes" 2>&1)" ] || break
done
same "VNFs are upgraded and moved under load [COM-11]" "" "$([ -s "$tmp/changes" ] || tail -5 "$tmp/kills.log")$(jq -r '.violations | .done[], .audit[], .sessions[], .leftovers[]' "$tmp/changes" 2>&1)"
same "and nothing is lost by that" "" "$(jq -r '.violations.lost[]' "$tmp/changes" 2>&1)"
check "the load ends" renga delete load

same "a successor that dies at its start changes nothing" "" "$(story_upgrade renga-faulty-stillborn 'died|signal 6' yes)"
same "one that dies within its probation is replaced by what was there" "" "$(story_upgrade renga-faulty-dying 'probation' no)"
same "one that cannot read the state says so, and changes nothing" "" "$(story_upgrade renga-faulty-stranger 'version 1.*version 2' yes)"
same "but starts empty if that is allowed" "" "$(story_upgrade renga-faulty-stranger '' no allowed)"
same "if one of its replicas cannot go on, all go back" "" "$(story_upgrade_replicas)"
same "whoever dies while a VNF is succeeded, one process of it works" "" "$(story_upgrade_killed "${UPGRADE_FAULTS:-3}")"

same "a VNF that hangs is replaced" "" "$(story_hang 2>>"$report")"
same "one that never returns is replaced" "" "$(story_spin)"
same "one that gets no CPU is not taken for hung" "" "$(story_starved 3)"
same "one that writes garbage into its rings harms nobody" "" "$(story_garbage garble-ring)"
same "one that moves the end of a ring to where it cannot be harms nobody" "" "$(story_garbage garble-tail)"
same "one that dies with garbage in its hand harms nobody" "" "$(story_garbage garble-hand)"

kill -TERM "$(cat "$RENGA_RUNTIME_DIR/vnfm.pid")"
until_true 10 [ ! -e "$RENGA_RUNTIME_DIR/vnfm.pid" ]
CRASH_WINDOW=30 fault_platform_up
same "one that dies again and again fails; the rest goes on" "" "$(story_crash_loop)"
[ "$t_failed" -gt 0 ] && tail -20 "$tmp/kills.log" | sed 's/^/# /'
exit 0
