#!/usr/bin/env bash
# Adding a VNF type edits no existing file: passthrough is copied under another name in a scratch tree, and all that the
# platform knows of a type follows from the new folders alone (docs/adding-a-vnf.md).
# Beside others.
. "$(dirname "$0")/../lib/system.sh"
plan 7

tree=$tmp/tree
out=$tmp/out
mkdir -p "$tree/tests/scenario" "$tree/tests/unit/vnfs" "$tree/vnfs" "$out"
cp -a Makefile VERSION tools common dataplane "$tree"
cp -a tests/lib "$tree/tests"
cp -a tests/scenario/*.[ch] "$tree/tests/scenario"
cp -a "$build/.deps" "$build/obj" "$build/lib" "$out" 2>/dev/null # so that only what is new is compiled
cp -a "$tree" "$tmp/before"
cp -a vnfs/passthrough "$tree/vnfs/mirror"
cp -a tests/scenario/passthrough "$tree/tests/scenario/mirror"
cp -a tests/unit/vnfs/passthrough "$tree/tests/unit/vnfs/mirror"
for file in $(find "$tree" -name '*passthrough*' -type f); do
	mv "$file" "${file//passthrough/mirror}"
done
grep -rl passthrough "$tree"/{vnfs,tests/scenario,tests/unit/vnfs}/mirror | xargs sed -i 's/passthrough/mirror/g; s/PASSTHROUGH/MIRROR/g'

in_tree() { (cd "$tree" && "$@"); }
build_it() { in_tree make -s BUILD="$out" SAN="${SAN:-}" "$@"; }

check "make finds the new type by its folder" build_it "$out/vnfs/mirror.so" "$out/bin/renga-vnf" "$out/bin/renga-scenario" "$out/tests/unit/vnfs/mirror/test_mirror"
check "its unit test is found and passes" "$out/tests/unit/vnfs/mirror/test_mirror"
check "its scenarios are found and pass" in_tree "$out/bin/renga-scenario"
same "the runtime lists it" mirror "$("$out/bin/renga-vnf" --list)"
same "its manifest says what it is" '["mirror",["left","right"],"forward"]' \
	"$("$out/bin/renga-vnf" --describe mirror | jq -c '[.type, .connectionPoints, .config[0].name]')"
faults=$(echo 'forward: 7' | "$out/bin/renga-vnf" --check mirror - | jq -c '[.faults[].path]'; exit "${PIPESTATUS[1]}")
same "its configuration is judged by its table" '["forward"] 6' "$faults $?"
rm -rf "$tree"/{vnfs,tests/scenario,tests/unit/vnfs}/mirror
same "no existing file was touched" "" "$(diff -r "$tmp/before" "$tree")"
