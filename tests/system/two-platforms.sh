#!/usr/bin/env bash
# Two platforms side by side on one machine, each with its own run-time and state folders; the programs' own manners:
# --help, --version, -n, logs, SIGTERM, installation.
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
tests=34
plan $tests
need_root
need_huge_pages 256

# ---- programs ----

same "renga version tells the version" "$(cat VERSION)" "$(renga version -o json 2>/dev/null | jq -r .renga)"
for program in renga-orchestrator renga-vnfm renga-dataplane renga-vnf; do
	matches "$program --help tells its use" '[uU]sage|usage' "$("$program" --help 2>&1)"
	same "$program --version tells the version" 0 "$("$program" --version >"$tmp/version" 2>&1; echo $?)$(grep -q "$(cat VERSION)" "$tmp/version" || echo " other")"
done
check "the orchestrator's configuration can be checked" renga-orchestrator -n
check "the VNFM's too" renga-vnfm -n --memory 64
same "that starts nothing and makes nothing" "" "$(ls "$RENGA_STATE_DIR")"
echo 'orchestrator: {lsiten: x}' >"$tmp/bad.yaml"
check_not "a typo in the configuration file is refused" renga-orchestrator -n -c "$tmp/bad.yaml"
matches "by its name" 'lsiten' "$(renga-orchestrator -n -c "$tmp/bad.yaml" 2>&1)"
installed() {
	BUILD=$build DESTDIR=$tmp/root PREFIX=/usr tools/install && [ -x "$tmp/root/usr/bin/renga" ] &&
		find "$tmp/root" -name firewall.so | grep -q . && find "$tmp/root" -name "*.service" | grep -q . && find "$tmp/root" -name "renga.1*" | grep -q .
}
check "make install puts everything below DESTDIR" installed

# ---- two platforms ----

first() { "$@"; }
second() { RENGA_RUNTIME_DIR=$tmp/run2 RENGA_STATE_DIR=$tmp/state2 RENGA_CONFIG=$tmp/renga2.yaml "$@"; }
mkdir "$tmp/run2" "$tmp/state2"
trap 't_status=$?; second timeout 20 renga down >/dev/null 2>&1; mountpoint -q "$tmp/run2/huge" && umount -l "$tmp/run2/huge"; (exit $t_status); t_end' EXIT
MEMORY=128
check "the first comes up" first platform_up
check "the second too" second platform_up
same "each has its own token, readable by its owner alone" "600 600 other" \
	"$(stat -c %a "$RENGA_STATE_DIR/admin.token" "$tmp/state2/admin.token" | xargs) $(cmp -s "$RENGA_STATE_DIR/admin.token" "$tmp/state2/admin.token" || echo other)"
chain() { printf 'kind: Chain\nname: same\nports: {a: {driver: "null"}, b: {driver: "null"}}\npath: [a, {vnf: x, type: passthrough}, b]\n'; }
chain >"$tmp/chain.yaml"
check "a chain runs on the first" first renga apply -f "$tmp/chain.yaml"
check "one of the same name on the second" second renga apply -f "$tmp/chain.yaml"
pid_of() { "$1" renga get vnfs -o json | jq -r '.[0].instantiatedVnfInfo.vnfcResourceInfo[0].metadata.pid'; }
one=$(pid_of first) two=$(pid_of second)
check_not "each has its own process" [ "$one" = "$two" ]
same "the token of one opens nothing at the other" 5 "$(second renga get chains --token "$(cat "$RENGA_STATE_DIR/admin.token")" >/dev/null 2>&1; echo $?)"
same "a second start says that it runs already" 0 "$(first renga up >"$tmp/out" 2>&1; echo $?)"
check "the second goes down" second renga down
check_not "with its processes" kill -0 "$two"
same "and leaves no process, socket, mount or huge-page file" "log" "$(ls "$tmp/run2")$(grep "$tmp/run2" /proc/mounts)"
check "the first has not noticed" first renga doctor
check "nor its VNF" kill -0 "$one"
matches "logs are key=value lines with levels" '^time=[^ ]+ level=[a-z]+ ' "$(head -1 "$RENGA_RUNTIME_DIR/log/orchestrator.log")"
orchestrator=$(cat "$RENGA_RUNTIME_DIR/orchestrator.pid")
kill -TERM "$orchestrator"
ended() { ! kill -0 "$orchestrator"; }
check "SIGTERM ends the orchestrator" until_true 10 ended
check "and its VNFs go on" kill -0 "$one"
first platform_up >/dev/null
same "the next one knows the chain" same "$(renga get chains -o name)"
check "the first goes down" first renga down
same "and leaves nothing" "log" "$(ls "$RENGA_RUNTIME_DIR")$(platform_pids)$(grep "$RENGA_RUNTIME_DIR" /proc/mounts)"
