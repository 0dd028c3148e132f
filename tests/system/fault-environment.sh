#!/usr/bin/env bash
# What may go wrong around the platform: an interface deleted under a port, huge pages gone, disks full, files locked, the
# machine rebooted. A clear error or an alarm, nothing lost, and all goes on when the cause is gone (docs/faults.md).
. "$(dirname "$0")/../lib/system.sh"
. tests/fault/lib.sh
. tests/fault/stories.sh
. tests/fault/environment.sh
tests=11
plan $tests
need_root
need_huge_pages 256
report=${FAULT_REPORT:-$tmp/report}

small_disk "$RENGA_STATE_DIR" 8m
small_disk "$RENGA_RUNTIME_DIR" 64m
check "the plug-in that misbehaves is built" faulty_build
check "the platform comes up" fault_platform_up
check "a chain between two hosts is made" edge_up
same "a port whose interface was deleted takes the next one of that name" "" "$(story_interface)"
same "so do those of af_xdp and TAP, and after the host was rebuilt" "" "$(story_other_interfaces)"
same "a full disk is told, and costs no service and no operation" "" "$(story_disk_full)"
same "so is a store that somebody else holds" "" "$(story_store_locked)"
same "a VNF waits for room in a full run-time directory" "" "$(story_runtime_full)"
same "a dataplane waits for huge pages that somebody else has" "" "$(story_pages_gone)"
same "after a power cut the services come back by themselves, though an interface comes late" "" "$(story_reboot)"
if command -v systemd-analyze >/dev/null; then
	same "the units of systemd are right" "" "$(story_units)"
else
	pass "the units of systemd are right # SKIP needs systemd-analyze"
fi
exit 0
