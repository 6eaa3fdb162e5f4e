#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 400
# The system sleeps under load: clients lose their queues, and everything works after.
. "$(dirname "$0")/../fault_lib.sh"

if grep -q devices /sys/power/pm_test 2>/dev/null; then
	echo devices >/sys/power/pm_test
	fault "suspend and resume of the devices alone" lost 120 "echo mem >/sys/power/state"
	echo none >/sys/power/pm_test
else
	echo "skip - suspend of the devices alone: this kernel has no pm_test"
fi
if grep -q deep /sys/power/mem_sleep 2>/dev/null; then
	echo deep >/sys/power/mem_sleep
	# The machine resets its devices on waking up, as after a loss of their power.
	fault "suspend to memory and resume" lost 120 \
		"host wakeup-later 1 && echo mem >/sys/power/state"
else
	echo "skip - suspend to memory: not on this machine"
fi
check "a client works after it" "$recover" "after suspend" none 60 true
finish
