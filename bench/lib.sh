# lib.sh: what the benchmarks share: a platform of their own, the VNFM's API on its socket, JSON lines.
. "$(dirname "${BASH_SOURCE[0]}")/../tests/lib/system.sh"

say() { echo "$*" >&2; }
vnfm() { # METHOD PATH [JSON]
	curl -sS -m 30 --unix-socket "$RENGA_RUNTIME_DIR/vnfm.sock" -X "$1" ${3:+-H 'Content-Type: application/json' -d "$3"} "http://vnfm$2"
}
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# chain_up NS TYPE N CORE... : generator -> N VNFs of TYPE -> null, told to the VNFM directly. CORE: one, or one per VNF.
# IDLE=ladder|spin, SIZE=bytes, FLOWS=n, RATE=max|packets/s; GROUP=1: they share a process.
chain_up() {
	local ns=$1 type=$2 n=$3 i group=
	shift 3
	local cores=("$@")
	[ -n "$GROUP" ] && group=", \"group\": {\"name\": \"all\", \"n\": $n}"
	vnfm PUT "/v1/services/$ns" "{\"name\": \"$ns\", \"buffers\": 16384}" >/dev/null
	vnfm PUT "/v1/ports/$ns%2Fin" "{\"ns\": \"$ns\", \"name\": \"in\", \"spec\": {\"driver\": \"generator\", \"rate\": \"${RATE:-max}\", \"size\": ${SIZE:-64}, \"flows\": ${FLOWS:-1024}}}" >/dev/null
	vnfm PUT "/v1/ports/$ns%2Fout" "{\"ns\": \"$ns\", \"name\": \"out\", \"spec\": {\"driver\": \"null\"}}" >/dev/null
	for ((i = 1; i <= n; i++)); do
		vnfm PUT "/v1/vnfs/$ns-$i" "{\"ns\": \"$ns\", \"name\": \"$ns.v$i\", \"type\": \"$type\", \"config\": {}, \"core\": ${cores[$(((i - 1) % ${#cores[@]}))]}, \"idle\": \"${IDLE:-ladder}\"$group}" >/dev/null
	done
	for ((i = 0; i <= n; i++)); do
		local a="{\"vnf\": \"$ns-$i\", \"cp\": \"right\"}" b="{\"vnf\": \"$ns-$((i + 1))\", \"cp\": \"left\"}"
		[ $i = 0 ] && a="{\"port\": \"$ns/in\"}"
		[ $i = "$n" ] && b="{\"port\": \"$ns/out\"}"
		vnfm PUT "/v1/links/$ns%2Fl$i" "{\"ns\": \"$ns\", \"name\": \"l$i\", \"a\": $a, \"b\": $b, \"size\": ${RING:-1024}}" >/dev/null
	done
	for ((i = 1; i <= n; i++)); do vnfm GET "/v1/vnfs/$ns-$i?wait=ready&timeout=5000" >/dev/null; done
}
chain_down() { vnfm DELETE "/v1/services/$1" >/dev/null; }

# rate NS SECONDS: million packets per second that came out of the far end, and the stats at the end in $tmp/stats
rate() {
	local ns=$1 seconds=$2 before after t0 t1
	before=$(out_packets "$ns")
	t0=$(date +%s%N)
	sleep "$seconds"
	after=$(out_packets "$ns")
	t1=$(date +%s%N)
	awk -v a="$before" -v b="$after" -v t=$((t1 - t0)) 'BEGIN { printf "%.3f", (b - a) / t * 1000 }'
}
out_packets() { vnfm GET "/v1/stats/$1" | tee "$tmp/stats" | jq '.ports[] | select(.name == "out") | .txPackets'; }
# What the VNFs spent for each of these packets, in TSC cycles, from one rate() on.
cycles() { # NS STATS BEFORE
	jq -n --slurpfile a "$2" --slurpfile b "$tmp/stats" 'def spent: [.vnfs[].burstCycles.sum] | add;
		def out: .ports[] | select(.name == "out") | .txPackets; (($b[0] | spent) - ($a[0] | spent)) / (($b[0] | out) - ($a[0] | out))'
}
latency() { jq -c '.latencyUs | {p50, p99}' "$tmp/stats"; }
