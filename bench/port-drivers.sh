#!/usr/bin/env bash
# Small frames from veth to veth through a passthrough, by each way of having an interface: our packet sockets (recvmmsg) and AF_XDP sockets, and
# DPDK's drivers of the same kinds (a ring mapped from the kernel; libxdp). frame_source sends at RATES, from either CPU; what arrives at the other
# end is counted by the kernel, and the highest rate counts. In turns in the same run, medians of ROUNDS.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
seconds=${SECONDS_EACH:-0.5} rounds=${ROUNDS:-3} size=${SIZE:-64} rates=(${RATES:-150000 250000 0}) ways=(${WAYS:-af_packet af_xdp net_af_packet net_af_xdp})

host a eth0 10.0.0.10/24 "" "da$$"
host b eth0 10.0.0.11/24 "" "db$$"
port() { # WAY INTERFACE NUMBER
	case $1 in
	net_af_packet) echo "{driver: eal, devargs: \"net_af_packet$3,iface=$2,blocksz=65536,framesz=2048,framecnt=2048\"}" ;;
	net_af_xdp) echo "{driver: eal, devargs: \"net_af_xdp$3,iface=$2\"}" ;;
	*) echo "{driver: $1, interface: $2}" ;;
	esac
}
arrived() { on b cat /sys/class/net/eth0/statistics/rx_packets; }
best() { # frames per second that arrived, in millions
	local rate core before t0 t1
	for rate in "${rates[@]}"; do
		for core in 0 1; do
			before=$(arrived) t0=$(date +%s%N)
			on a taskset -c $core "$build/bench/baselines/frame_source" --interface=eth0 --rate="$rate" --seconds="$seconds" --size="$size" --flows=1000 >/dev/null
			t1=$(date +%s%N)
			awk -v n=$(($(arrived) - before)) -v t=$((t1 - t0)) 'BEGIN { printf "%.3f\n", n / t * 1000 }'
		done
	done | sort -n | tail -1
}
renga up --cores 0,1 --memory 512 --listen 127.0.0.1:0 >&2 || exit 1
declare -A mpps
number=0
for ((round = 1; round <= rounds; round++)); do
	for way in "${ways[@]}"; do
		number=$((number + 2))
		cat >"$tmp/drivers.yaml" <<-Y
			kind: Chain
			name: drivers
			ports: {in: $(port "$way" "da$$" $number), out: $(port "$way" "db$$" $((number + 1)))}
			path: [in, {vnf: p, type: passthrough}, out]
		Y
		renga apply -f "$tmp/drivers.yaml" >&2 || continue
		rate=$(best)
		say "round $round of $rounds: $way: $rate Mpps"
		mpps[$way]+="$rate "
		renga delete chain drivers >&2
	done
done
for way in "${ways[@]}"; do
	jq -nc --arg way "$way" --argjson size "$size" --argjson rounds "$rounds" --argjson m "$(tr ' ' '\n' <<<"${mpps[$way]:-0}" | grep . | median)" \
		'{bench: "port-drivers", way: $way, size: $size, mpps: $m, rounds: $rounds}'
done
