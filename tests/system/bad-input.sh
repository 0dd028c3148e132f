#!/usr/bin/env bash
# Bad input gets one clear sentence with its place and a hint; nothing half-made stays; what ran goes on running.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
plan 24
need_root
need_huge_pages 384
host a eth0 10.9.0.1/24 "" "ra$$"
host b eth0 10.9.0.2/24 "" "rb$$"
platform_up >/dev/null || { fail "the platform comes up"; exit 1; }

chain() { # NAME TYPE CONFIG [INTERFACE]
	cat <<Y
kind: Chain
name: $1
ports: {in: {driver: af_packet, interface: ${4:-ra$$}}, out: {driver: af_packet, interface: rb$$}}
path:
- in
- {vnf: x, type: $2, config: $3}
- out
Y
}
# refused NAME STATUS REGEX < DOCUMENT: the answer has the status, and its problem text matches; no instance is made.
refused() {
	local status
	cat >"$tmp/doc.yaml"
	status=$(curl -sS -m 20 -o "$tmp/body" -w '%{http_code}' -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" \
		-H 'Content-Type: application/yaml' --data-binary "@$tmp/doc.yaml" "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/renga/v1/chains")
	if [ "$status" = "$2" ] && grep -qE "$3" "$tmp/body"; then pass "$1"; else fail "$1" "status $status, wanted $2 and /$3/" "$(cat "$tmp/body")"; fi
}

chain good passthrough '{}' >"$tmp/good.yaml"
check "a good chain runs" renga apply -f "$tmp/good.yaml"
check "and carries packets" on a ping -c 2 -i 0.05 -W 2 10.9.0.2

refused "a second chain on the same interface names the first" 409 'good' < <(chain other passthrough '{}')
refused "an unknown type gets the nearest name" 422 'firewall' < <(chain new firewal '{}' | sed "s/ra$$/nope0/; s/rb$$/nope1/")
refused "a typo in a configuration has its path and the nearest name [COM-5]" 422 'config\.defalt.*default|default.*config\.defalt' < <(chain new firewall '{defalt: drop}' nope0)
chain new firewall '{rules: [{action: accept}, {action: acept, dport: 70000}]}' nope0 >"$tmp/two.yaml"
refused "every fault of a configuration at once [COM-5]" 422 'rules\[1\]\.action' <"$tmp/two.yaml"
check "each with its own path [COM-5]" jq -e '[.invalidParams[].path] | map(test("rules\\[1\\]")) | length >= 2' "$tmp/body"
refused "a rule that cannot be" 422 'tcp-flags' < <(chain new firewall '{rules: [{action: accept, proto: udp, tcp-flags: {mask: [syn], set: [syn]}}]}' nope0)
refused "overlapping subnets" 422 'interfaces\[1\]' < <(chain new router '{interfaces: [{cp: p0, addresses: [10.0.0.1/24]}, {cp: p1, addresses: [10.0.0.2/24]}]}' nope0)
refused "a dangling link names its end" 422 'links\[1\]' < <(printf 'kind: Chain\nname: new\nports: {in: {driver: "null"}}\nvnfs:\n- {vnf: x, type: passthrough}\nlinks:\n- [in, x.left]\n- [x.rihgt, nowhere]\n')
refused "a port that the path names but nobody defines" 422 'path\[2\]' < <(printf 'kind: Chain\nname: new\nports: {in: {driver: "null"}}\npath:\n- in\n- {vnf: x, type: passthrough}\n- out\n')
chain new passthrough '{}' nope0 | sed "s/rb$$/nope1/" >"$tmp/doc2.yaml"
check_not "an interface that does not exist fails the apply" renga apply -f "$tmp/doc2.yaml"
matches "and says which" 'nope[01]' "$(renga apply -f "$tmp/doc2.yaml" 2>&1)"
refused "what is no YAML says the line" 400 'line|:[0-9]+' < <(printf 'kind: Chain\nname: new\n  bad: [indent\n')
refused "what is no JSON says so" 400 'JSON|line|end' < <(printf '{"kind": "Chain", "name": ')
refused "a wrong kind" 422 'Chain' < <(printf 'kind: Chian\nname: new\n')

same "a request without a token is 401" 401 "$(curl -s -o /dev/null -w '%{http_code}' "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/renga/v1/chains")"
same "an unknown path is 404" 404 "$(api_status GET /renga/v1/nothing)"
same "a known path with another method is 405" 405 "$(api_status PUT /renga/v1/chains)"
renga get nothing >/dev/null 2>&1
same "the CLI's usage error is 2" 2 $?
renga describe chain nosuch >/dev/null 2>&1
same "a name that does not exist is 3" 3 $?
renga apply -f "$tmp/two.yaml" >/dev/null 2>"$tmp/err"
same "bad input is 6" 6 $?

same "nothing half-made is left" "good" "$(renga get chains -o json | jq -r '.[].name' | xargs)"
check "what ran goes on running [COM-5]" on a ping -c 2 -i 0.05 -W 2 10.9.0.2
