#!/usr/bin/env bash
# TCP by iperf3 between two namespaces through firewall -> NAT -> router, on veths: ours by each kernel port driver, against the
# Linux kernel that does the same chain (nftables with connection tracking, masquerade, routing) on the same veths, in turns in
# the same run. ISOLATION: a process for each VNF (the default), or group. IO_CORES: CPUs of I/O workers. offloads: with the senders' TSO and checksum offloads,
# and without. Ours does at its ports what it does anywhere (af_packet: GRO on where it comes in); the kernel has offloads at its own ends as the senders have; without
# them, it is also measured with GRO there ("kernel-gro"). Medians of ROUNDS.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
seconds=${SECONDS_EACH:-2} rounds=${ROUNDS:-3} streams=${STREAMS:-1} systems=(${SYSTEMS:-kernel kernel-gro af_packet af_xdp}) offloads=(${OFFLOADS:-on off})

host a eth0 10.0.0.10/24 10.0.0.1 "ia$$"
host b eth0 198.51.100.10/24 198.51.100.1 "ib$$"
b_mac=$(on b cat /sys/class/net/eth0/address)
set_offloads() { # on|off [COMMAND] [on|off]: at the senders, and at the ends in between, there GRO otherwise
	local ns port
	for ns in a b; do on $ns ethtool -K eth0 tso "$1" gso "$1" gro "$1" tx "$1" >/dev/null 2>&1; done
	for port in "ia$$" "ib$$"; do ${2:-} ethtool -K "$port" tso "$1" gso "$1" gro "${3:-$1}" tx "$1" >/dev/null 2>&1; done
}
run() { # Gb/s
	background on b iperf3 -s -1
	until_true 5 on b bash -c 'ss -ltn | grep -q 5201'
	on a iperf3 -c 198.51.100.10 -t "$seconds" -P "$streams" -J >"$tmp/iperf.json"
	jq '.end.sum_received.bits_per_second / 1e9 * 100 | round / 100' "$tmp/iperf.json"
}
# The kernel as the chain: the same veth ends, moved into a namespace of their own.
kernel() { # on|off [on|off]: offloads, and GRO at its own ends
	local ns=rg$$-k
	ip netns add "$ns" && t_namespaces+=("$ns")
	ip link set "ia$$" netns "$ns"
	ip link set "ib$$" netns "$ns"
	set_offloads "$1" "ip netns exec $ns" "${2:-$1}"
	ip -n "$ns" addr add 10.0.0.1/24 dev "ia$$"
	ip -n "$ns" addr add 198.51.100.1/24 dev "ib$$"
	ip -n "$ns" link set "ia$$" up
	ip -n "$ns" link set "ib$$" up
	ip netns exec "$ns" sysctl -qw net.ipv4.ip_forward=1
	ip netns exec "$ns" nft -f - <<-N
		table ip bench {
			chain forward { type filter hook forward priority 0; policy drop; ct state established,related accept; iifname "ia$$" ct state new accept; }
			chain post { type nat hook postrouting priority 100; oifname "ib$$" masquerade; }
		}
	N
	run
	ip -n "$ns" link set "ia$$" netns $$
	ip -n "$ns" link set "ib$$" netns $$
	ip netns del "$ns"
	ip link set "ia$$" up
	ip link set "ib$$" up
}
ours() { # DRIVER
	cat >"$tmp/iperf.yaml" <<-Y
		kind: Chain
		name: iperf
		isolation: ${ISOLATION:-process}
		ports:
		  in: {driver: $1, interface: ia$$}
		  out: {driver: $1, interface: ib$$}
		path:
		- in
		- {vnf: fw, type: firewall, config: {default: drop, rules: [{action: accept, from: left}]}}
		- {vnf: nat, type: nat, config: {inside: {addresses: [10.0.0.1/24]}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}
		- {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}], neighbours: [{cp: p1, address: 198.51.100.10, mac: "$b_mac"}]}}
		- out
	Y
	set_offloads "$2"
	renga apply -f "$tmp/iperf.yaml" >&2 || return 1
	run
	[ -n "${DEBUG:-}" ] && vnfm GET "/v1/stats/$(renga get ns iperf -o json | jq -r .id)" | jq -c '.ports[] | [.name, .rxPackets, .txPackets, .large, .drops]' >&2
	renga delete chain iperf >&2
}
renga up --cores 0,1 --io-cores "${IO_CORES:-0}" --memory 512 --listen 127.0.0.1:0 >&2 || exit 1
declare -A gbps
for ((round = 1; round <= rounds; round++)); do
	for offload in "${offloads[@]}"; do
		for system in "${systems[@]}"; do
			for ns in a b; do on $ns ip neigh flush dev eth0; done
			[ "$system-$offload" = kernel-gro-on ] && continue
			g=$(case $system in kernel) kernel "$offload" ;; kernel-gro) kernel "$offload" on ;; *) ours "$system" "$offload" ;; esac)
			say "round $round of $rounds: $system, offloads $offload: $g Gb/s"
			gbps[$system-$offload]+="$g "
		done
	done
done
med() { tr ' ' '\n' <<<"$1" | grep . | median; }
for offload in "${offloads[@]}"; do
	for system in "${systems[@]}"; do
		case $system in kernel*) continue ;; esac
		jq -nc --arg driver "$system" --arg offload "$offload" --arg placement "${ISOLATION:-process}" --argjson g "$(med "${gbps[$system-$offload]}")" --argjson streams "$streams" \
			--argjson k "$(med "${gbps[kernel-$offload]:-0}")" --argjson gro "$(med "${gbps[kernel-gro-$offload]:-0}")" --argjson rounds "$rounds" \
			'{bench: "iperf", driver: $driver, placement: $placement, vnfs: ["firewall", "nat", "router"], offloads: ($offload == "on"), streams: $streams, gbps: $g,
			  baseline: {name: "the Linux kernel on the same veths", gbps: $k, gro_gbps: (if $gro > 0 then $gro else null end)}, ratio: (if $k > 0 then ($g / $k * 100 | round / 100) else null end), rounds: $rounds}'
	done
done
