#!/usr/bin/env bash
# A process for each VNF against one process for all of them (`group`), on one core, generator to sink on the other: chains of
# 1 to 8 passthrough VNFs, and firewall -> NAT -> router with FLOWS flows. Measured in turns in the same run; medians of ROUNDS.
# cycles: what the VNFs take for a packet in TSC cycles, rings included; perHop: of that, for each VNF.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 512
seconds=${SECONDS_EACH:-1} rounds=${ROUNDS:-3} flows=${FLOWS:-65536} hops=(${HOPS:-1 2 4 8})

look() { # NS: Mpps and cycles per packet
	local mpps
	out_packets "$1" >/dev/null
	cp "$tmp/stats" "$tmp/before"
	mpps=$(rate "$1" "$seconds")
	echo "$mpps $(cycles "$1" "$tmp/before")"
}
passthroughs() { # N PLACEMENT
	GROUP=$([ "$2" = group ] && echo 1) chain_up bench passthrough "$1" 1
	sleep 0.3
	look bench
	chain_down bench
}
edge() { # PLACEMENT
	cat >"$tmp/edge.yaml" <<-Y
		kind: Chain
		name: edge
		isolation: $1
		ports:
		  in: {driver: generator, rate: max, size: 64, flows: $flows, src: 10.0.0.9, dst: 198.51.100.10, dst-mac: "02:00:00:00:00:fe"}
		  out: {driver: "null"}
		path:
		- in
		- {vnf: fw, type: firewall, cores: [1], config: {default: drop, max-sessions: $((flows * 2)), rules: [{action: accept, from: left}]}}
		- {vnf: nat, type: nat, cores: [1], config: {max-sessions: $((flows * 2)), pool: [203.0.113.2-203.0.113.9], inside: {addresses: [10.0.0.1/24], mac: "02:00:00:00:00:fe"}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}
		- {vnf: rt, type: router, cores: [1], config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}], neighbours: [{cp: p1, address: 198.51.100.10, mac: "02:00:00:00:00:02"}]}}
		- out
	Y
	renga apply -f "$tmp/edge.yaml" >/dev/null
	sleep 1 # sessions are made
	look "$(renga get ns edge -o json | jq -r .id)"
	renga delete chain edge >/dev/null
}
renga up --cores 0,1 --memory 1024 --listen 127.0.0.1:0 >&2 || exit 1
declare -A mpps cycles
for ((round = 1; round <= rounds; round++)); do
	for n in "${hops[@]}" edge; do
		for placement in process group; do
			read -r m c <<<"$(if [ "$n" = edge ]; then edge $placement; else passthroughs "$n" $placement; fi)"
			say "round $round of $rounds: $n $placement: $m Mpps, $c cycles"
			mpps[$n-$placement]+="$m "
			cycles[$n-$placement]+="$c "
		done
	done
done
med() { tr ' ' '\n' <<<"$1" | grep . | median; }
for n in "${hops[@]}" edge; do
	if [ "$n" = edge ]; then vnfs='["firewall", "nat", "router"]' of=$flows; else vnfs=$(jq -nc "[range($n) | \"passthrough\"]") of=1024; fi
	jq -nc --argjson vnfs "$vnfs" --argjson flows "$of" --argjson m "$(med "${mpps[$n-group]}")" --argjson c "$(med "${cycles[$n-group]}")" \
		--argjson pm "$(med "${mpps[$n-process]}")" --argjson pc "$(med "${cycles[$n-process]}")" --argjson rounds "$rounds" \
		'def r: . * 10 | round / 10; {bench: "placement", placement: "group", vnfs: $vnfs, size: 64, flows: $flows, mpps: $m, cycles: ($c | r), perHop: ($c / ($vnfs | length) | r),
		  baseline: {name: "a process each, on the same core", mpps: $pm, cycles: ($pc | r), perHop: ($pc / ($vnfs | length) | r)}, ratio: ($m / $pm * 100 | round / 100), rounds: $rounds}'
done
