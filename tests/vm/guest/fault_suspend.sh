#!/bin/bash
# SPDX-License-Identifier: MIT
# The system sleeps under load: clients lose their queues, and everything works after.
. "$(dirname "$0")/../fault_lib.sh"
dmesg_mark suspend

if ! grep -q devices /sys/power/pm_test 2>/dev/null; then
	echo "skip - suspend: this kernel has no pm_test"
	exit 0
fi
# All of suspend and resume but the sleep itself, which would take the emulated machine down.
for level in devices core; do
	grep -q $level /sys/power/pm_test || continue
	echo $level >/sys/power/pm_test
	fault "suspend and resume of the devices (pm_test $level)" lost 120 "echo mem >/sys/power/state"
done
echo none >/sys/power/pm_test
check "a client works after it" "$recover" "after suspend" none 60 true
check "the kernel has nothing to complain about" dmesg_clean suspend
finish
