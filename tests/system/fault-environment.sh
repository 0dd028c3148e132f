#!/usr/bin/env bash
# What may go wrong around the platform: an interface deleted under a port, huge pages gone, disks full, files locked, the
# machine rebooted. A clear error or an alarm, nothing lost, and all goes on when the cause is gone (docs/faults.md).
. "$(dirname "$0")/../lib/system.sh"
. tests/fault/lib.sh
. tests/fault/stories.sh
. tests/fault/environment.sh
tests=5
plan $tests
need_root $tests
need_huge_pages 256 $tests
report=${FAULT_REPORT:-$tmp/report}

check "the plug-in that misbehaves is built" faulty_build
check "the platform comes up" fault_platform_up
check "a chain between two hosts is made" edge_up
same "a port whose interface was deleted takes the next one of that name" "" "$(story_interface)"
same "so do those of af_xdp and TAP, and after the host was rebuilt" "" "$(story_other_interfaces)"
exit 0
