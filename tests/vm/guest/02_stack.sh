#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 900
# libsl's stack tests, on the kernel driver.
set -u
export SL_DEVICE=drm:/dev/dri/renderD128
status=0
for test in "$BUILD"/tests/test_stack_*; do
	[ -x "$test" ] || continue
	# A card in another process has nothing to do with this machine's driver.
	case $test in *.* | *_remote) continue ;; esac
	name=$(basename "$test")
	began=$SECONDS
	timeout --kill-after=5 $((300 * ${SLOWNESS:-1})) "$test" >"/tmp/$name" 2>&1
	result=$?
	grep '^skip - ' "/tmp/$name"
	# CUnit's summary: tests, total, ran, passed, failed, inactive.
	read -r passed failed <<<"$(sed -nE 's/^ *tests +[0-9]+ +[0-9]+ +([0-9]+) +([0-9]+) +[0-9]+.*/\1 \2/p' \
		"/tmp/$name" | tail -n 1)"
	if [ $result -eq 0 ] && [ "${passed:-0}" -gt 0 ] && [ "${failed:-1}" -eq 0 ]; then
		echo "ok - $name: $passed tests in $((SECONDS - began)) s"
	elif [ $result -eq 0 ] && [ -z "${passed:-}" ] && grep -q '^skip - ' "/tmp/$name"; then
		: # as a whole, for what the card lacks: said above
	else
		tail -n 40 "/tmp/$name" | sed 's/^/#   /'
		echo "not ok - $name: ${passed:-0} passed, ${failed:-?} failed, exit status $result"
		status=1
	fi
done
exit $status
