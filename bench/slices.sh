#!/usr/bin/env bash
# What services on one host do to each other. "flood": a service of two firewalls at RATE packets a second, alone and then beside another
# one that is offered as much as its generator can make, on cores of their own as far as there are (the I/O worker is shared), and on
# one core. "share": two saturated services on one core, by cpu-share.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 128
seconds=${SECONDS_EACH:-2} rate=${RATE:-20k}
last=$(($(nproc) - 1))

chain() { # NAME RATE CORE SHARE
	local vnf="type: firewall, cores: [$3], config: {default: accept}"
	renga apply -f - >/dev/null <<-Y
		kind: Chain
		name: $1
		buffers: 8k
		cpu-share: ${4:-100}
		ports: {in: {driver: generator, rate: $2, size: 64, flows: 64}, out: {driver: "null"}}
		path: [in, {vnf: v, $vnf}, {vnf: w, $vnf}, out]
	Y
}
stats() { vnfm GET "/v1/stats/$(api GET "/renga/v1/chains/$1" | jq -r .nsInstanceId)"; }
reset() { chain "$1" "$(($2 + 1))" "$3" && chain "$1" "$2" "$3"; } # its ports, and with them what they measured, begin anew
lost='[.ports[].drops[], .vnfs[].drops[]] | add'
taken='[.ports[] | .generator // {} | .received // 0] | add'
missing() { api GET /renga/v1/doctor | jq '[.buffers[].missing] | add'; }

flood() { # LABEL CORES CORE-OF-QUIET CORE-OF-FLOOD
	local before quiet loud n=${rate%k}000
	renga up --cores "$2" --memory 256 --listen 127.0.0.1:0 >&2 || exit 1
	reset quiet "$n" "$3"
	before=$(stats quiet | jq "$lost")
	sleep "$seconds"
	quiet=$(stats quiet | jq -c --argjson b "$before" "{lost: ($lost - \$b), p99: .latencyUs.p99}")
	chain flood max "$4"
	reset quiet "$n" "$3"
	before=$(stats quiet | jq "$lost")
	sleep "$seconds"
	loud=$(stats quiet | jq -c --argjson b "$before" "{lost: ($lost - \$b), p99: .latencyUs.p99, received: ($taken)}")
	jq -nc --arg place "$1" --argjson q "$quiet" --argjson l "$loud" --argjson rate "$n" --argjson m "$(missing)" \
		'{bench: "slices", case: "flood", placement: $place, rate: $rate, lost: $l.lost, buffersMissing: $m, latencyUs: {p99: $l.p99},
		  baseline: {name: "without the other service", lost: $q.lost, latencyUs: {p99: $q.p99}},
		  ratio: (if $q.p99 > 0 then ($l.p99 / $q.p99 * 100 | round / 100) else null end)}'
	renga down >&2
}

share() { # SHARE of one, to 100 of the other
	local a b
	renga up --cores "$last" --memory 256 --listen 127.0.0.1:0 >&2 || exit 1
	chain one max "$last" "$1"
	chain two max "$last" 100
	sleep 0.5
	a=$(stats one | jq "$taken") b=$(stats two | jq "$taken")
	sleep "$seconds"
	a=$(($(stats one | jq "$taken") - a)) b=$(($(stats two | jq "$taken") - b))
	jq -nc --argjson share "$1" --argjson a "$a" --argjson b "$b" --argjson s "$seconds" \
		'{bench: "slices", case: "share", shares: [$share, 100], cores: 1, mpps: ($a / $s / 1e4 | round / 100),
		  baseline: {name: "the service with 100", mpps: ($b / $s / 1e4 | round / 100)}, ratio: (if $b > 0 then ($a / $b * 100 | round / 100) else null end)}'
	renga down >&2
}

[ "$last" -gt 0 ] && flood "cores of their own" "0,$last" "$last" 0
flood "one core" "$last" "$last" "$last"
share 100
share 300
