#!/usr/bin/env bash
# What the README shows works: runs the blocks of its ten-minute tour, line by line, as a newcomer would.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
mapfile -t lines < <(awk '/^<!-- tour/ { tour = 1; next } tour && /^```sh/ { inside = 1; next } /^```/ { inside = 0; tour = 0 } inside && NF' README.md |
	grep -vE '^(make$|export PATH=|echo [0-9]+ > /sys/kernel/mm/hugepages)')
plan $((${#lines[@]} + 1))
need_root
need_huge_pages 384
ip netns list | grep -qE '^(client|server)( |$)' && skip_all "there is a namespace client or server"
t_namespaces+=(client server)
for line in "${lines[@]}"; do
	command=$(sed 's/  *# .*//' <<<"$line")
	check "$command" bash -c "set -e; $command"
done
same "nothing runs afterwards" "" "$(platform_pids)"
