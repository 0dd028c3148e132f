#!/usr/bin/env bash
# Tables through the API while packets pass: ROUTES routes for a router (500,000), RULES rules for a firewall (10,000), each by
# `renga vnf configure`, from the command to its end, and packets of a generator that were lost meanwhile. The second load
# replaces the first by as large a table. Baseline: the time in which renga-vnf reads and judges the same document.
. "$(dirname "$0")/lib.sh"
need_root; need_huge_pages 512
routes=${ROUTES:-500000} rules=${RULES:-10000} rate=${RATE:-10000}

table() { # SEED: a router's configuration on stdout
	/usr/bin/python3 - "$routes" "$1" <<'P'
import json, random, sys
n, rnd, seen, routes = int(sys.argv[1]), random.Random(int(sys.argv[2])), set(), []
while len(routes) < n:
    length = rnd.choices([16, 19, 20, 21, 22, 23, 24, 32], [2, 3, 5, 5, 12, 8, 64, 1])[0]
    address = (rnd.randrange(20, 200) << 24 | rnd.getrandbits(24)) & (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
    if (address, length) in seen:
        continue
    seen.add((address, length))
    routes.append({"prefix": ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0)) + f"/{length}",
                   "via": f"198.51.100.{rnd.randrange(2, 34)}"})
json.dump({"routes": [{"prefix": "10.0.0.0/8", "via": "198.51.100.2"}, *routes]}, sys.stdout)
P
}
rules() { /usr/bin/python3 tests/lib/rules.py "$@" '{"name": "load", "action": "accept", "from": "left", "proto": "udp"}'; }

interfaces='interfaces: [{cp: p0, addresses: 203.0.113.1/24, mac: "02:00:00:00:00:fe"}, {cp: p1, addresses: 198.51.100.1/24}]'
neighbours='neighbours: [{cp: p1, address: 198.51.100.2, mac: "02:00:00:00:00:02"}]'
cat >"$tmp/load.yaml" <<Y
kind: Chain
name: load
ports:
  in: {driver: generator, rate: $rate, flows: 500, src: 203.0.113.9, dst: 10.0.0.1, dst-mac: "02:00:00:00:00:fe"}
  out: {driver: "null"}
links: [[in, fw.left], [fw.right, rt.p0], [rt.p1, out]]
vnfs:
- {vnf: fw, type: firewall, config: {rules: [{name: load, action: accept, from: left, proto: udp}]}}
- {vnf: rt, type: router, config: {$interfaces, $neighbours, routes: [{prefix: 10.0.0.0/8, via: 198.51.100.2}]}}
Y
stats() { api GET "/renga/v1/stats/ns/$ns" | jq -c "$1"; }
lost() { stats '[.ports[] | .drops[], .generator.lost] | map(. // 0) | add'; }
rss() { # PROGRAM: largest resident set so far of its largest process, MiB
	local pid
	for pid in $(platform_pids); do
		case $(readlink "/proc/$pid/exe") in */"$1" | */"$1 (deleted)") awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status" ;; esac
	done | sort -n | tail -1
}
cpu() { # of all processes of the platform that carry no packets, and of this shell's children: seconds
	{ for pid in $(platform_pids); do
		case $(readlink "/proc/$pid/exe") in */renga-orchestrator* | */renga-vnfm*) cut -d' ' -f14-17 "/proc/$pid/stat" ;; esac
	done; cut -d' ' -f16,17 "/proc/$$/stat"; } | tr ' ' '\n' | awk -v hz="$(getconf CLK_TCK)" '{ s += $1 } END { printf "%.1f", s / hz }'
}
measure() { # WHAT N VNF TYPE FILE
	local before started ms gone judged used
	before=$(lost) used=$(cpu) started=$(date +%s%N)
	renga vnf configure "load.$3" --wait=300 -f "$5" >&2 || exit 1
	ms=$((($(date +%s%N) - started) / 1000000))
	used=$(awk -v a="$used" -v b="$(cpu)" 'BEGIN { printf "%.1f", b - a }')
	gone=$(($(lost) - before))
	started=$(date +%s%N)
	jq -c ". + $6" "$5" | renga-vnf --check "$4" - >"$tmp/verdict"
	judged=$((($(date +%s%N) - started) / 1000000))
	say "  $1 of $2: $ms ms, $gone packets lost, $used s of CPU"
	jq -nc --arg what "$1" --argjson n "$2" --argjson ms "$ms" --argjson lost "$gone" --argjson rate "$rate" --argjson judged "$judged" \
		--argjson cpu "$used" --argjson rss "{\"orchestrator\": $(rss renga-orchestrator), \"vnfm\": $(rss renga-vnfm), \"vnf\": $(rss renga-vnf)}" \
		'{bench: "table-load", what: $what, entries: $n, ms: $ms, lost: $lost, rate: $rate, controlCpuSeconds: $cpu, rssMiB: $rss,
		  baseline: {name: "renga-vnf --check", ms: $judged}}'
}

say "making tables of $routes routes and $rules rules"
table 1 >"$tmp/first.json"
table 2 >"$tmp/second.json"
rules "$rules" >"$tmp/rules.json"
rules "$rules" default=accept >"$tmp/others.json"
platform_up --memory 1024 >&2 || exit 1
renga apply -f "$tmp/load.yaml" >&2 || exit 1
ns=$(api GET /renga/v1/chains/load | jq -r .nsInstanceId)
sleep 1
router='{"interfaces": [{"cp": "p0", "addresses": "203.0.113.1/24"}, {"cp": "p1", "addresses": "198.51.100.1/24"}]}'
measure "rules for one" "$rules" fw firewall "$tmp/rules.json" '{}'
measure "rules for as many" "$rules" fw firewall "$tmp/others.json" '{}'
measure "routes for one" "$routes" rt router "$tmp/first.json" "$router"
measure "routes for as many" "$routes" rt router "$tmp/second.json" "$router"
renga delete load >&2
renga down >&2
