#!/usr/bin/env bash
# Throughput of a chain of passthrough VNFs, one process each, generator to sink, 64 B: the idle ladder against the same chain
# with spinning workers (what OpenNetVM-like designs do), and against itself with real-time workers, measured in turns in the
# same run. "together": the VNFs on one core, generator and sink on the other. Medians of ROUNDS.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
seconds=${SECONDS_EACH:-2} rounds=${ROUNDS:-3} n=${VNFS:-3} size=${SIZE:-64}

measure() { # priority-idle-layout
	local priority idle layout cores=(1) result
	IFS=- read -r priority idle layout <<<"$1"
	[ "$layout" = alternating ] && cores=(1 0)
	export RENGA_PRIORITY=$priority
	renga up --cores 0,1 --memory 512 --listen 127.0.0.1:0 >&2 || exit 1
	IDLE=$idle chain_up bench passthrough "$n" "${cores[@]}"
	sleep 0.5
	result="$(rate bench "$seconds") $(latency)"
	chain_down bench
	renga down >&2
	echo "$result"
}
declare -A mpps lat
for ((round = 1; round <= rounds; round++)); do
	say "round $round of $rounds"
	for label in {realtime,normal}-ladder-{together,alternating} normal-spin-{together,alternating}; do
		read -r m l < <(measure "$label")
		say "  $label: $m Mpps $l"
		mpps[$label]+="$m "
		lat[$label]=$l
	done
done
med() { tr ' ' '\n' <<<"${mpps[$1]}" | grep . | median; }
vnfs=$(for ((i = 0; i < n; i++)); do echo passthrough; done | jq -R . | jq -sc .)
for layout in together alternating; do
	for baseline in normal-spin realtime-ladder; do
		jq -nc --arg layout "$layout" --argjson vnfs "$vnfs" --argjson m "$(med "normal-ladder-$layout")" \
			--argjson b "$(med "$baseline-$layout")" --arg name "$baseline" --argjson l "${lat[normal-ladder-$layout]}" \
			--argjson size "$size" --argjson rounds "$rounds" \
			'{bench: "chain", placement: "process", cores: 2, layout: $layout, vnfs: $vnfs, size: $size, flows: 1024, mpps: $m, latencyUs: $l,
			  baseline: {name: ({"normal-spin": "spinning workers", "realtime-ladder": "the same with real-time workers"}[$name]), mpps: $b},
			  ratio: (if $b > 0 then ($m / $b * 10 | round / 10) else null end), rounds: $rounds}'
	done
done
