#!/bin/bash
# SPDX-License-Identifier: MIT
# In the guest: runs tests/vm/guest/*.sh whose names contain one of the arguments, or all; after each the
# kernel's log must hold no report of a bug. A script says by "# timeout: N" how long it may take.
set -u
if [ ! -d /run/check ]; then
	# From memory: suspend, which is tested, ends the shared folders.
	mkdir -p /run/check /run/build
	cp -r /sl/src/tests/vm/. /run/check
	cp "$0" /run/check/check.sh
	cp -r /sl/build/vmtests /run/build
	# Not lib: programs there find the installed library, which is in memory, too.
	ln -s /sl/build/tests /sl/build/bin /sl/build/firmware /run/build
	exec bash /run/check/check.sh "$@"
fi
cd /run/check/guest || exit 1
export BUILD=/run/build RESULTS=/sl/results REFERENCE=/sl/results/reference
failures=0
# A debug kernel takes its time, and so does a card in RTL.
export SLOWNESS=1
[ ! -e /sys/kernel/debug/kmemleak ] || SLOWNESS=4
[ "${CARD:-model}" = model ] || SLOWNESS=4

# What the kernel prints when something is wrong with it, whatever a test did.
splat='WARNING: |BUG: |BUG at |Oops|KASAN|UBSAN|DMA-API|general protection fault|unable to handle|'
splat+='possible (recursive|circular) locking|inconsistent lock state|suspicious RCU|INFO: task .* blocked|'
splat+='unreferenced object|sleeping function called|scheduling while atomic|list_(add|del) corruption|'
splat+='refcount_t: |self-detected stall|detected stalls|soft lockup|Kernel panic|Bad page|lockdep'

wanted() { # script, patterns
	local script=$1 pattern
	shift
	[ $# -eq 0 ] && return
	for pattern in "$@"; do
		[[ $script == *$pattern* ]] && return
	done
	return 1
}

run() { # script
	local name=${1%.sh} limit status began=$SECONDS lines
	limit=$(sed -n 's/^# timeout: \([0-9]*\)$/\1/p' "$1")
	limit=$((${limit:-240} * SLOWNESS))
	echo "vm-check: $name begins" >/dev/kmsg
	echo "# $name"
	timeout --kill-after=10 $limit bash "./$1" >"/tmp/$name.log" 2>&1 </dev/null
	status=$?
	cat "/tmp/$name.log"
	if [ $status -eq 124 ] || [ $status -eq 137 ]; then
		echo "not ok - $name: no end after $limit s"
		failures=$((failures + 1))
	elif [ $status -ne 0 ]; then
		failures=$((failures + 1))
		grep -q '^not ok - ' "/tmp/$name.log" || echo "not ok - $name: exit status $status"
	elif ! grep -qE '^(ok|skip) - ' "/tmp/$name.log"; then
		echo "not ok - $name: nothing was tested"
		failures=$((failures + 1))
	fi
	lines=$(dmesg | sed "1,/vm-check: $name begins/d" | grep -E "$splat")
	if [ -n "$lines" ]; then
		echo "not ok - $name: the kernel's log is clean"
		dmesg | sed "1,/vm-check: $name begins/d" | grep -E -m 1 -A 40 "$splat" | sed 's/^/#   /'
		failures=$((failures + 1))
	fi
	echo "# $name: $((SECONDS - began)) s"
}

card-up || {
	echo "not ok - the card comes up"
	dmesg | tail -n 30 | sed 's/^/#   /'
	exit 1
}
# Time that the host takes away is no lockup, and suspend tests need not wait long.
echo 60 >/proc/sys/kernel/watchdog_thresh
echo 1 >/sys/module/suspend/parameters/pm_test_delay
# Another DRM device to share buffers with.
modprobe vgem 2>/dev/null
for script in *.sh; do
	wanted "$script" "$@" && run "$script"
done
[ $failures -eq 0 ]
