#!/usr/bin/env bash
# Throughput of a chain of passthrough VNFs, one process each, generator to sink, 64 B: the idle ladder against the same chain
# with spinning workers (what OpenNetVM-like designs do), measured in turns in the same run. Medians of ROUNDS.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
seconds=${SECONDS_EACH:-2} rounds=${ROUNDS:-3} n=${VNFS:-3} size=${SIZE:-64}
renga up --cores 0,1 --memory 512 --listen 127.0.0.1:0 >&2 || exit 1

measure() { # label, idle, cores...
	local label=$1 idle=$2
	shift 2
	IDLE=$idle chain_up "b-$label" passthrough "$n" "$@"
	sleep 0.5
	rate "b-$label" "$seconds"
	echo " $(latency)"
	chain_down "b-$label"
}
declare -A mpps lat
for ((round = 1; round <= rounds; round++)); do
	say "round $round of $rounds"
	for label in ladder-one-core ladder-alternating spin-one-core spin-alternating; do
		case $label in *one-core) cores=(1) ;; *) cores=(1 0) ;; esac
		read -r m l < <(measure "$label" "${label%%-*}" "${cores[@]}")
		say "  $label: $m Mpps $l"
		mpps[$label]+="$m "
		lat[$label]=$l
	done
done
med() { tr ' ' '\n' <<<"${mpps[$1]}" | grep . | median; }
vnfs=$(for ((i = 0; i < n; i++)); do echo passthrough; done | jq -R . | jq -sc .)
for placement in one-core alternating; do
	jq -nc --arg p "$placement" --argjson v "$vnfs" --argjson m "$(med "ladder-$placement")" --argjson b "$(med "spin-$placement")" \
		--argjson l "${lat[ladder-$placement]}" --argjson size "$size" --argjson rounds "$rounds" \
		'{bench: "chain", placement: "process", cores: 2, layout: $p, vnfs: $v, size: $size, flows: 1024, mpps: $m, latencyUs: $l,
		  baseline: {name: "spinning workers", mpps: $b}, ratio: (if $b > 0 then ($m / $b * 10 | round / 10) else null end), rounds: $rounds}'
done
renga down >&2
