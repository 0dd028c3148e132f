#!/usr/bin/env bash
# What the platform costs when nothing happens: CPU of all its processes with a chain deployed and no traffic, and resident memory.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
seconds=${SECONDS_EACH:-10}
[ "$seconds" -lt 5 ] && seconds=5
host client eth0 10.0.0.10/24 10.0.0.1 rgb-lan
host server eth0 198.51.100.10/24 198.51.100.1 rgb-wan
renga up --cores 0,1 --memory 512 --listen 127.0.0.1:0 >&2 || exit 1
sed -e 's/interface: lan0/interface: rgb-lan/; s/interface: wan0/interface: rgb-wan/' poc/edge-chain.yaml | renga apply -f - >&2 || exit 1
on client ping -c 1 -W 2 198.51.100.10 >&2
sleep 2

ticks() { for p in $(platform_pids); do awk '{ print $14 + $15 }' "/proc/$p/stat"; done | awk '{ n += $1 } END { print n + 0 }'; }
rss_kib() { awk '/VmRSS/ { print $2 }' "/proc/$1/status"; }
before=$(ticks)
sleep "$seconds"
after=$(ticks)
percent=$(awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN { printf "%.2f", t / hz / s * 100 }')
jq -nc --argjson p "$percent" --argjson s "$seconds" '{bench: "idle-cpu", percentOfOneCore: $p, seconds: $s, vnfs: ["firewall", "nat", "router"]}'
declare -A mib
for p in $(platform_pids); do
	name=$(basename "$(readlink "/proc/$p/exe")")
	kib=$(rss_kib "$p")
	mib[$name]="${mib[$name]:-} $(awk -v k="$kib" 'BEGIN { printf "%.1f", k / 1024 }')"
done
for name in "${!mib[@]}"; do echo "$name ${mib[$name]}"; done | jq -Rnc '
	[inputs | split(" ") | map(select(. != "")) | {key: .[0], value: (.[1:] | map(tonumber))}] | from_entries |
	{bench: "resident-memory", mib: ., managersMib: ((."renga-orchestrator"[0] // 0) + (."renga-vnfm"[0] // 0) | . * 10 | round / 10)}'
renga down >&2
