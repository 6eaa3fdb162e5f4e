#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 900
# IGT's tests of what every DRM driver has, subtest by subtest; docs/vm.md says where they come from.
. "$(dirname "$0")/../fault_lib.sh"

igt=$RESULTS/igt
# The ones that change devices last: files that were open leave the node's number taken.
tests=(core_auth core_getclient core_getstats core_getversion core_debugfs core_sysfs core_setmaster
	core_setmaster_vs_auth device_reset core_hotunplug)

report() { # result, name
	case $1:$2 in
	SUCCESS:*) ok "igt $2" ;;
	SKIP:*cold-reset*) echo "skip - igt $2: its slot cannot be switched off" ;;
	*) not_ok "igt $2: $1" ;;
	esac
}

run() { # test
	local failures_before=$failures name result seen=0 status log=/tmp/igt-$1
	timeout --kill-after=5 200 "$igt/$1" >"$log" 2>&1
	status=$?
	while read -r result name; do
		seen=$((seen + 1))
		report "$result" "$1${name:+ $name}"
	done < <(sed -nE 's/^(Subtest )?([^ :]*):? ?(SUCCESS|SKIP|FAIL|CRASH|TIMEOUT) \([0-9.]+s\)$/\3 \2/p' "$log")
	# 77: all subtests were skipped.
	if [ $seen -eq 0 ] || { [ $status -ne 0 ] && [ $status -ne 77 ] && [ $failures -eq "$failures_before" ]; }; then
		not_ok "igt $1: exit status $status, $seen results"
	fi
	[ $failures -eq "$failures_before" ] || tail -n 60 "$log" | sed 's/^/#   /'
}

if [ ! -d "$igt" ]; then
	echo "skip - igt: Debian packages IGT's tools, not its tests; SL_VM_IGT names a folder with tests"
	exit 0
fi
export IGT_FORCE_DRIVER=sl200 LD_LIBRARY_PATH=$igt
found=0
for test in "${tests[@]}"; do
	[ -x "$igt/$test" ] || continue
	found=$((found + 1))
	run "$test"
done
[ $found -gt 0 ] || not_ok "igt: none of the tests is in the folder"

unset LD_LIBRARY_PATH
echo "$bdf" >"$driver/unbind"
echo "$bdf" >"$driver/bind"
check "the render node has its number again" test -e "$device/drm/renderD128"
check "a client works after IGT's tests" "$recover" "after IGT" none 60 true
finish
