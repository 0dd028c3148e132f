#!/usr/bin/env bash
# renga, the command: verbs, forms of output, exit statuses, names, precedence, completion (contract, section 6).
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=89
plan $tests
need_root
need_huge_pages 256

rc() { "$@" >"$tmp/out" 2>"$tmp/err"; echo $?; }
# exits NAME STATUS COMMAND...: the status; errors are on stderr, and stdout stays clean then.
exits() {
	local name=$1 wanted=$2 got
	shift 2
	got=$(rc "$@")
	if [ "$got" != "$wanted" ]; then fail "$name" "exit status $got, wanted $wanted: $*" "$(cat "$tmp/err")"
	elif [ "$wanted" != 0 ] && [ "$wanted" != 7 ] && { [ -s "$tmp/out" ] || ! [ -s "$tmp/err" ]; }; then fail "$name" "an error belongs on stderr alone: $*" "$(cat "$tmp/out" "$tmp/err")"
	else pass "$name"; fi
}

# ---- without a platform ----

exits "a server that cannot be reached is 9" 9 renga get chains --server http://127.0.0.1:1
exits "a verb that does not exist is 2" 2 renga aply
matches "with the nearest one" apply "$(cat "$tmp/err")"
exits "an option that does not exist is 2" 2 renga get chains --colour
exits "so is a missing word" 2 renga describe chain
for shell in bash zsh fish; do exits "there is completion for $shell" 0 renga completion $shell; done
check "that of bash can be read by bash" bash -n <(renga completion bash)
check "that of bash completes verbs" bash -c 'eval "$(renga completion bash)"; COMP_WORDS=(renga ap) COMP_CWORD=1 COMP_LINE="renga ap" COMP_POINT=8; $(complete -p renga | grep -o "\-F [^ ]*" | cut -d" " -f2) renga ap renga; [[ " ${COMPREPLY[*]} " == *" apply"* ]]'
bad=
for verb in up down status doctor apply diff validate delete get describe top logs events explain "ns create" "ns instantiate" "ns terminate" "vnf configure" "op show" "op watch" "op retry" "op continue" "op cancel" version completion help; do
	# shellcheck disable=SC2086
	[[ $(renga $verb --help 2>&1) == usage:* ]] || bad="$bad $verb"
done
same "every verb has its help" "" "$bad"

MEMORY=256 platform_up >/dev/null || { fail "the platform comes up"; exit 1; }
for c in one other; do
	cat >"$tmp/$c.yaml" <<Y
kind: Chain
name: $c
ports: {in: {driver: generator, rate: 1k}, out: {driver: "null"}}
path:
- in
- {vnf: z, type: firewall, config: {default: accept}}
- {vnf: a, type: passthrough}
- out
Y
done

# ---- apply, diff, validate ----

exits "an empty file is no chain" 6 renga validate -f /dev/null
exits "a good file is valid" 0 renga validate -f "$tmp/one.yaml"
exits "diff before it runs tells that all is new" 0 renga diff -f "$tmp/one.yaml"
matches "and what would be made" 'one\.z' "$(cat "$tmp/out")"
exits "a dry run makes nothing" 0 renga apply -f "$tmp/one.yaml" --dry-run
same "indeed" "" "$(renga get chains -o name)"
exits "apply runs it" 0 renga apply -f "$tmp/one.yaml"
exits "stdin is a file too" 0 renga apply -f - <"$tmp/other.yaml"
matches "the same again changes nothing" 'unchanged|nothing' "$(renga apply -f "$tmp/one.yaml" 2>&1)"
pids() { renga get vnfs -o json | jq -c "[.[] | select(.vnfInstanceName | startswith(\"one.\")) | [.vnfInstanceName, .instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid]] | sort"; }
before=$(pids)
sed 's/default: accept/default: drop/' "$tmp/one.yaml" >"$tmp/changed.yaml"
renga diff -f "$tmp/changed.yaml" >"$tmp/out" 2>&1
matches "diff tells what a change would touch" 'one\.z' "$(cat "$tmp/out")"
check_not "and nothing else" grep -q 'one\.a' "$tmp/out"
exits "the change is applied" 0 renga apply -f "$tmp/changed.yaml"
same "and every process goes on" "$before" "$(pids)"
sed 's/default: accept/defalt: accept/; s/passthrough/passthru/' "$tmp/one.yaml" >"$tmp/bad.yaml"
exits "a bad file is 6" 6 renga apply -f "$tmp/bad.yaml"
matches "with file, line, path and hint of each fault" 'bad\.yaml:6: .*defalt' "$(cat "$tmp/err")"
matches "all of them" 'bad\.yaml:7: ' "$(cat "$tmp/err")"
matches "and what was meant" 'passthrough' "$(cat "$tmp/err")"
exits "a file that does not exist is no success" 3 renga apply -f "$tmp/nosuch.yaml"

# ---- get, describe, explain ----

bad=
for kind in chains ns vnfs nsds packages ops alarms types hosts events; do
	renga get $kind >/dev/null || bad="$bad $kind"
	renga get $kind -o wide >/dev/null || bad="$bad $kind(wide)"
	renga get $kind -o json | jq -e 'type == "array"' >/dev/null || bad="$bad $kind(json)"
	renga get $kind -o yaml | grep -q . || bad="$bad $kind(yaml)"
	renga get $kind -o name >/dev/null || bad="$bad $kind(name)"
done
same "every kind can be read in every form" "" "$bad"
same "names alone" "one other" "$(renga get chains -o name | sort | xargs)"
same "a table has a header" NAME "$(renga get chains | head -1 | cut -d' ' -f1)"
check_not "unless told otherwise" grep -q '^NAME' <(renga get chains --no-headers)
check_not "and no decoration in a pipe" grep -q $'\033' <(renga get chains)
same "VNFs stand in the order of the path" "z a" "$(renga get chains one -o json | jq -r '[.vnfs[].vnf] | join(" ")')"
exits "a name is enough" 0 renga describe vnf one.z
exits "an id too" 0 renga describe vnf "$(renga get vnfs -o json | jq -r '.[0].id')"
exits "and a unique beginning" 0 renga describe chain oth
exits "one that is not unique is 4" 4 renga describe chain o
exits "a thing that does not exist is 3" 3 renga describe chain nosuch
exits "a kind that does not exist is 2" 2 renga get chians
bad=
for type in firewall nat router passthrough; do
	renga explain $type >/dev/null || bad="$bad $type"
	for member in $(renga explain $type -o json | jq -r '.config[].name'); do
		renga explain "$type.$member" | grep -q . || bad="$bad $type.$member"
	done
done
same "every member of every type is explained" "" "$bad"
matches "those inside too" 'accept' "$(renga explain firewall.rules.action)"
exits "a member that does not exist is 3" 3 renga explain router.ruotes

# ---- top, logs, events, doctor, status ----

top=$(renga top one -n 1 --no-headers)
same "top shows the hops in the order of the path" "in one.z one.a out" "$(awk '/^(in|out|one\.)[a-z]* /{print $1}' <<<"$top" | grep -v '^one$' | xargs)"
exits "logs of a VNF" 0 renga logs one.z
matches "are its own" 'prog=renga-vnf' "$(cat "$tmp/out")"
exits "events" 0 renga events
renga events -f -o json >"$tmp/events" 2>&1 &
t_pids+=($!)
exits "a VNF is configured" 0 renga vnf configure one.z --set default=accept
heard() { jq -rs '.[] | select(.type == "operation") | .detail.operation' "$tmp/events" 2>/dev/null | grep -q MODIFY_INFO; }
check "whoever follows the events hears of it" until_true 10 heard
exits "a bad configuration is 6" 6 renga vnf configure one.z --set default=perhaps
exits "doctor finds nothing wrong" 0 renga doctor
exits "status tells what runs" 0 renga status

# ---- operations ----

op=$(renga get ops -o json | jq -r '[.[] | select(.lcmOperationType == "INSTANTIATE")][0].id')
exits "an operation is shown" 0 renga op show "$op"
matches "with the time of each step" 'ms' "$(tr A-Z a-z <"$tmp/out")"
exits "one that has ended well is watched to its end at once" 0 renga op watch "$op"
exits "it cannot be retried" 4 renga op retry "$op"
exits "nor gone on with" 4 renga op continue "$op"

# ---- server and credential ----

server=$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")
exits "a wrong token is 5" 5 renga get chains --token wrong
exits "the environment's token is taken" 5 env RENGA_TOKEN=wrong renga get chains
exits "an option goes before it" 0 env RENGA_TOKEN=wrong renga get chains --token "$(cat "$RENGA_STATE_DIR/admin.token")"
exits "the environment's server goes before the folder's" 9 env RENGA_SERVER=http://127.0.0.1:1 renga get chains
exits "an option goes before that" 0 env RENGA_SERVER=http://127.0.0.1:1 renga get chains --server "$server"
printf 'client: {server: "http://127.0.0.1:1"}\n' >"$RENGA_CONFIG"
exits "the configuration file is read" 9 renga get chains
exits "and comes after the environment" 0 env RENGA_SERVER="$server" renga get chains
rm "$RENGA_CONFIG"

exits "a chain is deleted by name" 0 renga delete one
exits "again it is not found" 3 renga delete one

# ---- subscriptions and projects ----

python3 "$(dirname "$0")/../lib/subscriber.py" "$tmp/told" >"$tmp/port" 2>/dev/null &
t_pids+=($!)
until_true 5 test -s "$tmp/port"
uri=http://127.0.0.1:$(cat "$tmp/port")/
exits "a URI is subscribed" 0 renga subscription create nslcm "$uri" --set 'filter.notificationTypes=["NsIdentifierDeletionNotification"]'
id=$(cat "$tmp/out")
same "once" "$id" "$(renga subscription create nslcm "$uri" --set 'filter.notificationTypes=["NsIdentifierDeletionNotification"]')"
exits "to alarms too" 0 renga subscription create nsfm "$uri"
same "both are listed" 2 "$(renga get subscriptions -o name | wc -l)"
exits "one is shown" 0 renga subscription show "$(cat "$tmp/out")"
exits "what has no notifications is 2" 2 renga subscription create nothing "$uri"
exits "one is deleted" 0 renga subscription delete "$id"
exits "and is not found any more" 3 renga subscription show "$id"
exits "a notification that is not there is 3" 3 renga notification retry nothing
exits "a project gets a quota" 0 renga project set lab vnfs=1 services=2
exits "and another one" 0 renga project set lab services=none
same "which is kept beside the first" '{"vnfs":1}' "$(renga get projects lab -o json | jq -c .quota)"
exits "no number is 2" 2 renga project set lab vnfs=few
exits "its user has a token" 0 curl -sSf -o "$tmp/token" -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" -H 'Content-Type: application/json' -d '{"name": "ann", "role": "operator", "project": "lab"}' "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/renga/v1/tokens"
cat >"$tmp/alone.yaml" <<-EOF
	kind: Chain
	name: alone
	ports: {x: {driver: "null"}, y: {driver: "null"}}
	affinity: [{vnfs: [a, b], scope: core, anti: true}]
	path: [x, {vnf: a, type: passthrough, core: dedicated}, {vnf: b, type: passthrough}, y]
EOF
exits "what he makes is held to it" 1 renga apply -f "$tmp/alone.yaml" --token "$(jq -r .token "$tmp/token")"
matches "with the quota, what is used and what is wanted" "quota 'vnfs' of project 'lab' is 1: 0 used, 2 wanted" "$(cat "$tmp/err")"
exits "a VNF is to have a core for itself" 1 renga apply -f "$tmp/alone.yaml"
matches "which others are on" "not enough cores for VNFs that have one for themselves: 1 needed, 0 free" "$(cat "$tmp/err")"
for name in $(renga get chains -o name); do renga delete "$name" >/dev/null; done
exits "it has one when they are gone" 0 renga apply -f "$tmp/alone.yaml" --wait
same "and the others share what is left" "1 0" "$(renga get vnfs -o json | jq -r '[.[] | {n: .vnfInstanceName, c: .instantiatedVnfInfo.vnfcResourceInfo[0].metadata.core}] | sort_by(.n) | map(.c) | join(" ")')"
exits "no other is moved there" 1 renga vnf move alone.b 1
exits "and it ends" 0 renga delete alone
curl -sS -o /dev/null -X DELETE -H "Authorization: Bearer $(cat "$RENGA_STATE_DIR/admin.token")" "$(cat "$RENGA_RUNTIME_DIR/orchestrator.addr")/renga/v1/tokens/ann"
exits "it is deleted" 0 renga project delete lab
