#!/usr/bin/env bash
# From the POST of firewall -> NAT -> router to its first forwarded packet, between two namespaces. Also `renga up` to a ready API. Medians.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 384
rounds=${ROUNDS:-5}
host client eth0 10.0.0.10/24 10.0.0.1 rgb-lan
host server eth0 198.51.100.10/24 198.51.100.1 rgb-wan
on client ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:fe dev eth0
cat >"$tmp/chain.yaml" <<'Y'
kind: Chain
name: first
ports: {lan: {driver: af_packet, interface: rgb-lan}, wan: {driver: af_packet, interface: rgb-wan}}
path:
- lan
- {vnf: fw, type: firewall, config: {default: drop, rules: [{action: accept, from: left}]}}
- {vnf: nat, type: nat, config: {inside: {addresses: [10.0.0.1/24], mac: "02:00:00:00:00:fe"}, outside: {addresses: [203.0.113.2/24], gateway: 203.0.113.1}}}
- {vnf: rt, type: router, config: {interfaces: [{cp: p0, addresses: [203.0.113.1/24]}, {cp: p1, addresses: [198.51.100.1/24]}]}}
- wan
Y
ups= firsts= applies=
for ((i = 0; i < rounds; i++)); do
	t0=$(date +%s%N)
	renga up --cores 0,1 --memory 512 --listen 127.0.0.1:0 >&2 || exit 1
	t1=$(date +%s%N)
	ups+="$(((t1 - t0) / 1000000))"$'\n'
	f=$(/usr/bin/python3 "$(dirname "$0")/first_packet.py" "rg$$-client" "rg$$-server" "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")" \
		"$(cat "$RENGA_STATE_DIR/admin.token")" "$tmp/chain.yaml") || exit 1
	firsts+="$f"$'\n'
	say "  up $(((t1 - t0) / 1000000)) ms, first packet $f ms"
	renga delete first >&2
	renga down >&2
	rm -rf "$RENGA_STATE_DIR"/*
done
jq -nc --argjson ms "$(printf %s "$ups" | median)" --argjson rounds "$rounds" '{bench: "up-to-ready-api", ms: $ms, rounds: $rounds}'
jq -nc --argjson ms "$(printf %s "$firsts" | median)" --argjson rounds "$rounds" \
	'{bench: "post-to-first-packet", placement: "process", vnfs: ["firewall", "nat", "router"], ms: $ms, rounds: $rounds}'
