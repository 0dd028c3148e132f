#!/usr/bin/env bash
# The VNF manager by itself: wanted state in, processes out; deaths of VNFs, of the manager and of the dataplane.
# Beside others.
. tests/lib/system.sh
tests=70
plan $tests
need_root
need_huge_pages 192

socket=$RENGA_RUNTIME_DIR/vnfm.sock
vnfm() { # METHOD PATH [JSON]
	curl -sS -m 20 --unix-socket "$socket" -X "$1" ${3:+-H 'Content-Type: application/json' -d "$3"} "http://vnfm$2"
}
status() { # METHOD PATH [JSON]: status and error code
	curl -sS -m 20 -o "$tmp/body" -w '%{http_code}' --unix-socket "$socket" -X "$1" \
		${3:+-H 'Content-Type: application/json' -d "$3"} "http://vnfm$2"
	[ -s "$tmp/body" ] && jq -r '[" ", .errorCode, " ", .path] | join("")' <"$tmp/body" 2>/dev/null
}
get() { vnfm GET "$1" | jq -rc "$2"; }
alive() { vnfm GET /v1/host >/dev/null; }
pid_of() { get "/v1/vnfs/$1" .pid; }
pids() { get /v1/vnfs '[.[] | [.id, .pid]] | sort'; }
ready() { [ "$(get "/v1/vnfs/$1" .state)" = ready ]; }
all_ready() { [ "$(get /v1/vnfs '[.[] | select(.state == "ready")] | length')" = "${1:-3}" ]; }
replaced() { ready "$1" && [ "$(pid_of "$1")" != "$2" ]; }
gone() { [ ! -d "/proc/$1" ]; }
received() { get /v1/stats/s '[.ports[] | select(.name == "sink") | .txPackets] | add // 0'; }
moves() { # packets come out at the end of the chain
	local before=$(received)
	until_true 5 more_than "$before"
}
more_than() { [ "$(received)" -gt "$1" ]; }
# Buffers that VNFs and rings hold change hands while they are counted; none may be missing, and nothing may be odd.
sound() { [ "$(get /v1/audit '[.ok, ([.buffers[].missing] | add // 0), (.orphans | length)]')" = '[true,0,0]' ]; }
seen() { get "/v1/events?after=${2:-0}" '.[].type' | grep -qx "$1"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # of CPU time, 10 ms each

start() {
	renga-vnfm --cores 0,1 --memory 256 "$@" >/dev/null 2>>"$tmp/vnfm.log" &
	manager=$!
	t_pids+=($manager)
	until_true 20 alive
}
port() { vnfm PUT "/v1/ports/s%2F$1" "{\"ns\": \"s\", \"name\": \"$1\", \"spec\": $2}"; }
vnf() { vnfm PUT "/v1/vnfs/$1" "{\"ns\": \"s\", \"name\": \"chain.$1\", \"type\": \"passthrough\", \"config\": ${2:-{\}}, \"core\": ${3:-1}}"; }
link() { vnfm PUT "/v1/links/s%2F$1" "{\"ns\": \"s\", \"name\": \"$1\", \"a\": $2, \"b\": $3}"; }
cp() { echo "{\"vnf\": \"$1\", \"cp\": \"$2\"}"; }
chain() {
	vnfm PUT /v1/services/s '{"name": "chain", "buffers": 8192, "tag": {"kept": 1}}' | jq -e .state
	port gen '{"driver": "generator", "rate": "10k", "size": 64}' | jq -e .state
	port sink '{"driver": "null"}' | jq -e .state
	for v in a b c; do vnf $v | jq -e .state; done
	link l0 '{"port": "s/gen"}' "$(cp a left)" | jq -e .rings
	link l1 "$(cp a right)" "$(cp b left)" | jq -e .rings
	link l2 "$(cp b right)" "$(cp c left)" | jq -e .rings
	link l3 "$(cp c right)" '{"port": "s/sink"}' | jq -e .rings
}

# ---- start -----------------------------------------------------------------------------------------------------------

matches "too few huge pages are one sentence with a hint" 'cannot start.*nr_hugepages' \
	"$(renga-vnfm --memory 1000000 2>&1)"
same "nothing of that start is left behind" "" "$(ls "$RENGA_RUNTIME_DIR" | grep -v log)"
check "options can be judged without starting" renga-vnfm -n --cores 0 --memory 64
check_not "a CPU that is not there is refused" renga-vnfm -n --cores 200
start
check "the manager starts" alive
check_not "a second one on the same run-time folder is refused" renga-vnfm --memory 64
same "the host tells its cores and its dataplane" '[[0,1],0,"ready"]' "$(get /v1/host '[.cores, .ioCore, .dataplane.state]')"
matches "the types are there" passthrough "$(get /v1/types '.[].type')"

# ---- wanted state ----------------------------------------------------------------------------------------------------

check "a chain of three VNFs is put" chain
check "all three become ready" until_true 10 all_ready
check "packets reach the other end" moves
same "waiting for a ready VNF answers at once" ready "$(get '/v1/vnfs/a?wait=ready&timeout=5000' .state)"
before=$(pids)
check "everything is put again" chain
same "and nothing was restarted by that" "$before" "$(pids)"
same "a tag is kept" 1 "$(get /v1/services/s .tag.kept)"
same "statistics have the state and figures of each VNF" '["ready","ready","ready"]' "$(get /v1/stats/s '[.vnfs[].state]')"
check "every buffer is accounted for" sound

# ---- what cannot be --------------------------------------------------------------------------------------------------

same "an unknown type is a fault of the document" "422 invalid type" "$(status PUT /v1/vnfs/x '{"ns": "s", "name": "x", "type": "passthru"}')"
same "a typo in a configuration has its path" "422 invalid config.forwrad" \
	"$(status PUT /v1/vnfs/x '{"ns": "s", "name": "x", "type": "passthrough", "config": {"forwrad": true}}')"
same "a CPU of another platform is refused" "422 invalid core" \
	"$(status PUT /v1/vnfs/x '{"ns": "s", "name": "x", "type": "passthrough", "core": 99}')"
same "a service must be there first" "409 state ns" "$(status PUT /v1/vnfs/x '{"ns": "nope", "name": "x", "type": "passthrough"}')"
same "an interface that does not exist is named" "422 invalid spec.interface" \
	"$(status PUT /v1/ports/s%2Fx '{"ns": "s", "name": "x", "spec": {"driver": "af_packet", "interface": "nonesuch"}}')"
same "an end carries one link" "409 exists a" "$(status PUT /v1/links/s%2Fx '{"ns": "s", "name": "x", "a": {"port": "s/gen"}, "b": {"port": "s/sink"}}')"
same "nothing of what was refused stays" '[2,3,4]' "[$(get /v1/ports length),$(get /v1/vnfs length),$(get /v1/links length)]"
same "what is not there is 404" "404 not-found " "$(status GET /v1/vnfs/x)"
same "a method that a path has not is 405" "405 unsupported " "$(status POST /v1/vnfs/a)"
same "a configuration can be judged beforehand" forwrad "$(vnfm POST /v1/types/passthrough/check '{"config": {"forwrad": 1}}' | jq -r '.faults[0].path')"

# ---- configuration ---------------------------------------------------------------------------------------------------

pid=$(pid_of b)
same "a new configuration is handed to the running VNF" 200 "$(status PUT /v1/vnfs/b '{"ns": "s", "name": "chain.b", "type": "passthrough", "config": {"forward": false}, "core": 1}' | tr -d ' ')"
same "without a restart" "$pid" "$(pid_of b)"
closed() { [ "$(get /v1/stats/s '[.vnfs[] | select(.id == "b") | .drops.closed] | add')" -gt 0 ]; }
check "it is followed, and its drops are counted by their name" until_true 5 closed
vnf b >/dev/null
check "and taken back" moves
vnf b '{}' 0 >/dev/null
check "another core restarts the VNF" until_true 5 replaced b "$pid"
check "packets go on after that" moves

# ---- links replaced --------------------------------------------------------------------------------------------------

doc() { echo "{\"ns\": \"s\", \"name\": \"$1\", \"a\": $2, \"b\": $3}"; }
short="{\"links\": {\"s/short\": $(doc short "$(cp a right)" "$(cp c left)"), \"s/l1\": null, \"s/l2\": null}}"
long="{\"links\": {\"s/short\": null, \"s/l1\": $(doc l1 "$(cp a right)" "$(cp b left)"), \"s/l2\": $(doc l2 "$(cp b right)" "$(cp c left)")}}"
relink() { vnfm POST /v1/services/s/relink "$1"; }
links() { get /v1/links '[.[].name] | sort | join(" ")'; }
before=$(pids)
same "a VNF is taken out of the chain without loss" 0 "$(relink "$short" | jq '.freed + .dropped')"
same "the links are as wanted" "l0 l3 short" "$(links)"
same "the same again does nothing" '{}' "$(relink "$short" | jq -c .)"
same "and put back" 0 "$(relink "$long" | jq '.freed + .dropped')"
same "none was restarted" "$before" "$(pids)"
same "a link to nowhere is refused, and nothing changes" "409 state a l0 l1 l2 l3" \
	"$(status POST /v1/services/s/relink "{\"links\": {\"s/l1\": null, \"s/x\": $(doc x "$(cp z right)" "$(cp c left)")}}") $(links)"
same "so is what is no link" "422 invalid s/x.b" "$(status POST /v1/services/s/relink '{"links": {"s/x": {"ns": "s", "name": "x", "a": {"port": "s/gen"}, "b": 3}}}')"
pid=$(pid_of c)
kill -STOP "$pid"
same "one that a VNF does not follow, as it hangs, is done when that is replaced" true "$(relink "$short" | jq 'has("freed")')"
check "that has a successor" until_true 8 replaced c "$pid"
relink "$long" >/dev/null
kill -9 "$(get /v1/host .dataplane.pid)"
relink "$short" >/dev/null
rebuilt_short() { [ "$(get /v1/host .dataplane.state)" = ready ] && all_ready && [ "$(links)" = "l0 l3 short" ]; }
check "one whose dataplane dies is done by the next" until_true 20 rebuilt_short
relink "$long" >/dev/null

# ---- paths -----------------------------------------------------------------------------------------------------------

steered() { echo "{\"name\": \"chain\", \"buffers\": 8192, \"tag\": {\"kept\": 1}, \"steer\": [{\"match\": {\"proto\": \"udp\", \"dscp\": $1}, \"to\": [{\"path\": 1}]}, {\"match\": {}, \"to\": [{\"path\": 2}]}]}"; }
by() { doc "$1" "$2" "$3" | jq -c ".paths = [$4]"; } # link
apart="{\"links\": {\"s/l1\": $(by l1 "$(cp a right)" "$(cp b left)" 1), \"s/l2\": $(by l2 "$(cp b right)" "$(cp c left)" 1), \"s/skip\": $(by skip "$(cp a right)" "$(cp c left)" 2)}}"
taken() { [ "$(get /v1/stats/s "[.paths[] | select(.path == $1) | .packets] | add // 0")" -gt 0 ]; }
same "what cannot be a rule has its path" "422 invalid steer[0].match.dscp" "$(status PUT /v1/services/s "$(steered 64)")"
vnfm PUT /v1/services/s "$(steered 0)" >/dev/null
same "links of paths of their own meet at an end, without loss" 0 "$(relink "$apart" | jq '.freed + .dropped')"
same "a link that names none may not join them" "409 exists a" "$(status PUT /v1/links/s%2Fx "$(doc x "$(cp a right)" "$(cp c left)")")"
check "packets take their path" until_true 5 taken 1
paths() { get /v1/links '[.[] | select(.paths) | [.name, .paths[]]] | sort'; }
kept=$(paths)

# ---- a VNF dies ------------------------------------------------------------------------------------------------------

pid=$(pid_of b)
kill -9 "$pid"
check "a killed VNF is replaced" until_true 5 replaced b "$pid"
check "packets go on" moves
check "its death is told" seen vnf-died
check "no buffer is missing" sound
pid=$(pid_of c)
kill -STOP "$pid"
check "a VNF that hangs is replaced" until_true 8 replaced c "$pid"
check "that is told" seen vnf-hung
crash() { for _ in 1 2 3 4 5; do until_true 10 ready a && kill -9 "$(pid_of a)" || return 1; sleep 0.05; done; }
crash
failed() { [ "$(get /v1/vnfs/a .state)" = failed ]; }
check "a VNF that dies five times in half a minute has failed" until_true 5 failed
matches "whoever waits for it is told why" '^409 ' "$(status GET '/v1/vnfs/a?wait=ready&timeout=5000')"
same "the others go on [COM-8]" '["b","c"]' "$(get /v1/vnfs '[.[] | select(.state == "ready") | .id] | sort')"
vnf a >/dev/null
check "put again it starts again" until_true 5 ready a

# ---- the manager dies ------------------------------------------------------------------------------------------------

before=$(pids)
kill -9 $manager
echo "{}" >"$RENGA_RUNTIME_DIR/conf/nobody.json"; echo "{}" >"$RENGA_RUNTIME_DIR/conf/check-$manager-1.json"
wait $manager 2>/dev/null
start
check "the manager is killed and started again" alive
same "what it was about to make or remove is cleared away" "" "$(ls "$RENGA_RUNTIME_DIR/conf" | grep -E "nobody|check-$manager")"
same "it has the same processes" "$before" "$(pids)"
same "and the same paths" "$kept" "$(paths)"
check "packets never stopped" moves
pid=$(pid_of a)
kill -9 "$pid"
check "it watches over what it found" until_true 5 replaced a "$pid"

# ---- the dataplane dies ----------------------------------------------------------------------------------------------

kill -9 "$(get /v1/host .dataplane.pid)"
rebuilt() { [ "$(get /v1/host .dataplane.state)" = ready ] && all_ready; }
check "a killed dataplane and all that was in it come back" until_true 20 rebuilt
check "packets go on" moves
check "by the paths that they had" taken 1

# ---- the end ---------------------------------------------------------------------------------------------------------

check "a service goes with all that belongs to it" vnfm DELETE /v1/services/s
same "nothing is left of it" '[[],0,0]' "$(get /v1/audit '[.orphans, (.buffers | length), ([.findings[]] | length)]')"
chain >/dev/null
vnfm POST /v1/shutdown >/dev/null
check "the manager ends itself and everything else" until_true 10 gone $manager
same "no process, mount, file or socket stays" "log//" \
	"$(ls "$RENGA_RUNTIME_DIR")/$(platform_pids)/$(grep -c "$RENGA_RUNTIME_DIR" /proc/mounts | grep -v '^0')"
